# The lists of cases and signals.

cases-title = Cases
cases-query-help = status:open, snoozed or closed, severity:high (that or graver), story:mining, owner:me or nobody, customer:ID. Terms are divided by spaces, and all of them have to hold.
cases-empty = No case fits
cases-empty-text = Take a term out of the filter, or choose another view. New cases appear by themselves when a rule fires or Microsoft raises an alert.
views = Views
view-open = Open
view-mine = Mine
view-critical = Critical
view-high = High and graver
view-mining = Crypto mining
view-closed = Closed
view-all = All
query = Filter
query-go = Show
chips = Filter by
owner-me = Mine
select-all = Select all rows
select-case = Select: { $what }
bulk = With the selected cases
bulk-selected = Selected
bulk-claim = Take
bulk-legitimate = Close as legitimate
bulk-false-alarm = Close as false alarm
bulk-duplicate = Close as duplicate
bulk-matching = Every case that matches the filter, not only those on this page (at most { $count })
bulk-more = More cases match than one act takes. These are the first { $count }; do the rest when they are done.
bulk-can = { $can } of { $all } can be done.
bulk-answers = { $count ->
    [one] 1 alert is answered at Microsoft with it.
   *[other] { $count } alerts are answered at Microsoft with it.
}
against-closed = is closed already
against-yours = is yours already
back = Back
done-claimed = { $count ->
    [one] 1 case is yours.
   *[other] { $count } cases are yours.
}
done-closed = { $count ->
    [one] 1 case is closed.
   *[other] { $count } cases are closed.
}
outcome-fraud = Fraud
outcome-misuse = Misuse
outcome-legitimate = Legitimate
outcome-false-alarm = False alarm
outcome-duplicate = Duplicate
outcome-test = Test
outcome-stale = Too old to matter
signals-title = Signals
signals-query-help = severity:high (that or graver), rule:ID, customer:ID. Terms are divided by spaces, and all of them have to hold.
signals-empty = No signal fits
signals-empty-text = A signal is what a rule saw in a log. It appears here, and in a case, within a second of the event.
column-rule = Rule
column-hour = An hour
column-count = Events
column-first = First seen
column-last = Last seen
view-snoozed = Snoozed
owner-nobody = Nobody's
bulk-fraud = Close as fraud
bulk-snooze = Snooze
against-critical = is critical: what is critical is always shown
against-answer = Microsoft waits for an answer: its clock runs on
against-no-rule = no rule found it, only Microsoft's alert
done-none-left = Somebody has taken every open case.
done-many-snoozed = { $count ->
    [one] 1 case is snoozed.
   *[other] { $count } cases are snoozed.
}
