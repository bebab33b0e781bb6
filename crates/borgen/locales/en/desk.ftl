# The desk's day: cases, alerts, actions, incidents, policy, detection, journal, users.

case-claimed = { $count ->
    [0] Case { $case } is yours. It has no alerts of Microsoft's, so there is nothing to answer: look at it with borgen cases show { $case }
    [one] Case { $case } is yours. Its alert is answered "investigating".
   *[other] Case { $case } is yours. Its { $count } alerts are answered "investigating".
}
case-noted = Noted on case { $case }.
alert-stays-open = Alert { $alert } is not named and stays open.
close-tells-nothing = No alert is named, so Microsoft is told nothing.
close-only-shown = Only shown. Without --preview the case is closed.
case-closed = { $count ->
    [0] Case { $case } is closed as { $outcome }. No alert is resolved with it.
    [one] Case { $case } is closed as { $outcome }. { $count } named alert is resolved at Microsoft.
   *[other] Case { $case } is closed as { $outcome }. { $count } named alerts are resolved at Microsoft.
}
case-reopened = Case { $case } is open again.
case-snoozed = Case { $case } is out of the queue until { $until }. It comes back by itself, or by borgen cases wake.
case-still-shown = The rules of case { $case } are snoozed, but it stays in the queue: { $why }.
snooze-ended = Snooze { $snooze } is over: its rule asks for attention again.
alert-answered = Alert { $alert } is being set to { $status } at Microsoft.

no-playbook-suggested = Case { $case } suggests no playbook: name one with --playbook.
action-proposed = Action { $action } is proposed. Another person approves it: borgen action approve { $action } --code 123456 --yes (the code of that person's authenticator app)
action-approved = Action { $action } is approved and under way.
action-awaits-another = Your approval of { $action } is recorded. Another person's is still needed.
action-rejected = Action { $action } is rejected.
action-stopped = Action { $action } is stopped. What Microsoft already took is not undone; that is: borgen action revert { $action }
action-withdrawn = The proposal { $action } is withdrawn. Nothing was changed at Microsoft.
action-widened = The playbook takes Azure subscriptions of the plan that nobody named as attacked
action-acknowledged = You have taken { $action } on: approve or reject it now.
action-reviewed = Your review of { $action } is recorded.

incident-declared = Incident { $incident } is declared.
cap-lifted = The cap is { $limit } changes an hour for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}; then it falls back, or when incident { $incident } ends. An earlier lift is replaced. This stands in the journal with your name.
lifted-cap = { $connection }: { $limit } changes an hour until { $until }, lifted by { $by }
incident-ended = Incident { $incident } is over. Lifted caps fall back.

policy-good = The policy is in order. Its hash is { $hash }.
policy-published = Policy { $hash } is published. Every account is looked at again under it.
publish-with-yes = Only shown. With --yes it is published; with --yes --based-on { $number } only if nobody published another one meanwhile.
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
    [one] { $count } finding
   *[other] { $count } findings
} in { $events ->
    [one] { $events } event
   *[other] { $events } events
}; { $malformed ->
    [0] { $broken ->
        [0] every line could be read.
       *[other] every line that was looked at could be read.
    }
    [one] { $malformed } line could not be read.
   *[other] { $malformed } lines could not be read.
}
detect-cut-off = { $file } ends early, after line { $line }: the rest was not looked at.
detect-broken = { $file } can't be read beyond line { $line }: { $why }. The rest was not looked at.
detect-not-whole = { $count ->
    [one] 1 file was not read to its end: there may be more in it.
   *[other] { $count } files were not read to their end: there may be more in them.
}
no-such-rule = There is no rule { $rule } among those loaded.
no-such-line = { $place } is no line of a file: FILE:LINE is wanted, lines from 1.
explain-past-the-end = { $count ->
    [one] { $file } has 1 line: there is no line { $line }.
   *[other] { $file } has { $count } lines: there is no line { $line }.
}
explain-no-event = No event begins on line { $line } of { $file }; the last one begins on line { $last }.
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
verdict-gone = would not be
verdict-new = would be new
verdict-other = would go otherwise
verdict-actions = actions
verdict-dropped = answers nothing any more
what-if-fact = fact { $fact }: { $kind }
what-if-actions = { $proposed } proposed, { $refused } refused, { $expired } expired
what-if-answered = answered { $time }
what-if-stopped = stopped { $time }
what-if-first-order = This is first-order: what people and Microsoft did is kept as far as it still answers something.
what-if-same = { $count ->
    [one] { $count } account was tried: nothing would have been decided otherwise.
   *[other] { $count } accounts were tried: nothing would have been decided otherwise.
}

export-written = The journal is in { $file }.
checkpoint-written = The newest checkpoint is in { $file }. Keep it where nobody who runs Borgen can change it.
verify-problem = Line { $line }: { $problem }.
verify-counted = { $count ->
    [one] { $count } fact of { $accounts } accounts was read; { $signed } are covered by a signature in the file.
   *[other] { $count } facts of { $accounts } accounts were read; { $signed } are covered by a signature in the file.
}
verify-not-proven = Not proven that nothing was cut off or written anew: { $why }.
verify-good = Sound: nothing was edited, deleted, reordered or inserted.

token-revoked = Token { $token } is no longer good.
link-once = Hand this to the person. It is good once and until { $expires }; nobody else may use it:
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

policy-unchanged = Nothing has changed: policy { $number } is in force and has these very files. No new one was made.
policy-faster = { $by } was faster and published policy { $number } at { $at }. Yours was not published.
policy-faster-hint = Compare with what is in force now (borgen policy diff FOLDER), take over what is needed, and publish again.
rules-none = There is no rule file (.yml) in { $folder }.
no-store = There is no store at { $path }. Another one is named with --store, or run it where the settings of the server are.
no-such-connection = There is no connection { $name }.
connections-known = There are: { $names }
connection-twice = Several connections are called { $name }: name it by its id (borgen admin connection list).

unproven-unkept = no checkpoint that was kept elsewhere is given (--checkpoint), and facts cut off at the end, or a journal written anew as a whole, would look the same
unproven-rewritten = its first facts are not those of the kept checkpoint
unproven-truncated = it has fewer facts than the kept checkpoint covers
unproven-faulty = the file has faults
fault-no-header = the file does not begin with the header of an export
fault-format = the export has form { $form }, which this release does not know
fault-unreadable = the line is none of an export: a fact, a checkpoint or the end
fault-after-end = a line follows the end of the export
fault-no-end = the export has no end: it was cut off
fault-position = position { $found } stands where position { $expected } should be: facts were removed, put in or moved
fault-version = account { $account } has fact { $found } where its fact { $expected } should be: facts were removed, put in or moved
fault-chain = fact { $version } of account { $account } does not follow on the fact before it: one of them was exchanged
fault-edited = fact { $version } of account { $account } was edited: its bytes don't give its hash
fault-mislabelled = what stands at fact { $version } of account { $account } says of itself that it is something else
fault-clock-back = fact { $version } of account { $account } was recorded before the fact before it: the clock was set back
fault-checkpoint-clock-back = the checkpoint of { $at } is older than what it follows on: the clock was set back
fault-checkpoint = the checkpoint was changed after it was signed, or is none
fault-other-key = the checkpoint over { $size } facts is not signed with this key
fault-other-store = this is of the store { $found }, not of { $wanted }
fault-count = { $signed } facts were here, { $found } are: facts were removed or put in
fault-root = the first { $size } facts are not the ones that were signed: one of them was exchanged
fault-rewritten = the first { $size } facts are not the ones of the kept checkpoint of { $at }: the journal was written anew
fault-truncated = the kept checkpoint of { $at } covers { $size } facts, the file ends after { $found }: the rest was cut off

erase-reason = Say why, in 1 to { $count } characters: --reason
erase-what = These sealed values of account { $account } become unreadable for ever, in every copy of the journal. Facts, decisions and proof stay as they are.
erase-nothing = Nothing of these classes is sealed for the account. Its keys are erased all the same, if there are any.
erase-shown = Only shown. Nothing was erased.
erase-with-yes = Only shown, since nobody can be asked here. With --yes it is erased.
erase-type = This can't be undone. Type the account's id to erase ({ $account }):
erase-not-typed = That was not the account's id. Nothing was erased.
erase-who = Only a Global administrator who sees every customer may erase, in their own name.
erase-done = { $count ->
    [0] { $class }: there was no key to erase. The journal says that it was asked for.
    [one] { $class }: { $count } key is erased. The journal says by whom and why.
   *[other] { $class }: { $count } keys are erased. The journal says by whom and why.
}
erase-others = Other processes that share this store follow within a minute. Backups of keys.db still hold the keys: delete those that are older, as docs/operations.md says.
rotate-same-file = { $path } is the master key that is in force: name another file.
rotate-with-yes = The present master key opens the vault. With --yes every key is wrapped by the one in { $path } (made if it is not there) and the present one is no longer good.
rotate-done = { $count ->
    [one] { $count } key is wrapped by the new master key. Nothing that was sealed has changed.
   *[other] { $count } keys are wrapped by the new master key. Nothing that was sealed has changed.
}
rotate-next =
    Now, before a server starts:
      1. set keys.master_file = "{ $path }" in borgen.toml (or take away BORGEN_KEYS__MASTER), and start every server anew
      2. keep a copy of the new key apart from the backups
      3. keep { $former } as long as backups of keys.db from before are kept: only it opens them

activity-reviewed = { $count ->
    [0] No record is marked as reviewed.
    [one] 1 record is marked as reviewed by you.
   *[other] { $count } records are marked as reviewed by you.
}
activity-left-out = Record { $record }: { $why }.
contact-recorded = Contact { $contact } is written down. A call of yours, on a number that was known before, has to confirm it: borgen customers call --known-number --confirms { $contact }
contact-removed = Contact { $contact } is taken away.
call-recorded = The conversation with customer { $customer } is written down.
customer-noted = Noted on customer { $customer }.
