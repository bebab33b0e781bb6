# The desk's day: cases, alerts, actions, incidents, policy, detection, journal, users.

case-claimed = Case { $case } is yours. Its alerts are answered "investigating".
case-noted = Noted on case { $case }.
case-closed = { $count ->
    [0] Case { $case } is closed as { $outcome }. No alert is resolved with it.
    [one] Case { $case } is closed as { $outcome }. { $count } named alert is resolved at Microsoft.
   *[other] Case { $case } is closed as { $outcome }. { $count } named alerts are resolved at Microsoft.
}
case-reopened = Case { $case } is open again.
alert-answered = Alert { $alert } is being set to { $status } at Microsoft.

no-playbook-suggested = Case { $case } suggests no playbook: name one with --playbook.
action-proposed = Action { $action } is proposed. Another person approves it: borgen action approve { $action } --yes
action-approved = Action { $action } is approved and under way.
action-awaits-another = Your approval of { $action } is recorded. Another person's is still needed.
action-rejected = Action { $action } is rejected.
action-stopped = Action { $action } is stopped. What Microsoft already took is not undone; that is: borgen action revert { $action }
action-reviewed = Your review of { $action } is recorded.

incident-declared = Incident { $incident } is declared.
cap-lifted = The cap is { $limit } changes an hour for { $minutes } minutes. This stands in the journal with your name.
incident-ended = Incident { $incident } is over. Lifted caps fall back.

policy-good = The policy is in order. Its hash is { $hash }.
policy-published = Policy { $hash } is published. Every account is looked at again under it.
publish-with-yes = Only shown. With --yes it is published.
policy-written = The policy that ships is in { $folder }. Change it, then: borgen policy check { $folder }
no-policy = No policy is in force at the server.

rules-loaded = { $count ->
    [one] { $count } rule was loaded.
   *[other] { $count } rules were loaded.
}
rules-tested = { $count ->
    [one] { $count } test was run, { $failed } failed.
   *[other] { $count } tests were run, { $failed } failed.
}
rule-remark = { $file }: rule { $rule }: { $remark }
rule-untested = { $file } has no events that must fire and events that must not.
rule-refused = { $place }: { $problem }
rules-refused-stop = A rule was refused, so nothing was run. With --keep-going the others run.
line-malformed = { $file }:{ $line }: { $problem }
detect-done = { $count ->
    [one] { $count } finding in { $events } events; { $malformed } lines could not be read.
   *[other] { $count } findings in { $events } events; { $malformed } lines could not be read.
}
no-such-rule = There is no rule { $rule } among those loaded.
no-such-line = { $place } is no line of a file: FILE:LINE is wanted, lines from 1.
explain-holds = Rule { $rule } holds for this event.
explain-holds-not = Rule { $rule } does not hold for this event.
explain-not-routed = The rule is for another log than { $log }.
explain-history = More than this event is needed for a finding.
explain-line = { $mark } { $field } { $op } { $wanted } — found: { $found }
explain-missing = the event has no such field

replay-same = { $count ->
    [one] { $count } account was replayed: every decided fact came out the same, to the byte.
   *[other] { $count } accounts were replayed: every decided fact came out the same, to the byte.
}
replay-differs = Account { $account } differs at fact { $version }.
replay-recorded = recorded: { $fact }
replay-replayed = replayed: { $fact }
replay-no-account = The store has no account { $account }.
what-if-first-order = This is first-order: what people and Microsoft did is kept as far as it still answers something.
what-if-same = { $count ->
    [one] { $count } account was tried: nothing would have been decided otherwise.
   *[other] { $count } accounts were tried: nothing would have been decided otherwise.
}

export-written = The journal is in { $file }.
verify-problem = { $problem }
verify-counted = { $count ->
    [one] { $count } fact of { $accounts } accounts was read; { $signed } are covered by a signature in the file.
   *[other] { $count } facts of { $accounts } accounts were read; { $signed } are covered by a signature in the file.
}
verify-not-proven = Not proven that nothing was cut off or written anew: { $why }.
verify-good = Sound: nothing was edited, deleted, reordered or inserted.

token-revoked = Token { $token } is no longer good.
secret-once = Shown once, and kept nowhere (id { $id }):
actions-on = Actions are on for { $connection }: changes are sent to Microsoft.
actions-off = Actions are off for { $connection }: everything is a dry run.
connection-name = A connection is named in small letters, digits and hyphens; { $name } is not.
connection-known = There is a connection { $name } in the settings already.
connection-added = Connection { $name } is in { $path }. The server connects when it starts again; changes at Microsoft stay off until you switch actions on.
verify-further = { $count } further problems are not listed.
verify-proven = Proven: the first { $count } facts are the ones that were signed at { $at }; nothing up to there was cut off or written anew.
verify-bad = { $count ->
    [one] NOT sound: { $count } problem was found.
   *[other] NOT sound: { $count } problems were found.
}
no-public-key = { $key } is no public key: give the file that `borgen audit key` writes, or the key itself.
