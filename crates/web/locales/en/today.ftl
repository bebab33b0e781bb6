# The first page: what has to be decided now, and what waiting costs.

today-title = Today
today-open = { $count ->
    [one] 1 open case
   *[other] { $count } open cases
}
today-queue = Needs a decision
today-views = Parts of the queue
today-view-all = Everything
today-view-mine = Mine
today-view-microsoft = With Microsoft alerts
today-view-approvals = Approvals
today-all = All open cases
today-empty-all = Nothing waits for you
today-empty-all-text = Cases appear here by themselves, within seconds, when a rule fires, Microsoft raises an alert, or an action waits for approval. Until then there is nothing to do.
today-empty-mine = You have no case
today-empty-mine-text = Take one: open a case and choose “Take the case”, or press a.
today-empty-microsoft = No open case has an alert of Microsoft's
today-empty-microsoft-text = When Microsoft raises one, its answer clock starts here: the first answer within an hour.
today-empty-approvals = No action waits for approval
today-empty-approvals-text = When somebody proposes to stop something at a customer, another person approves it here.
counter-stake = Money at risk now
counter-stake-least = at least: not every open case was added up
counter-hour = Each hour of waiting costs
counter-hour-text = what the open cases burn
counter-alert = Oldest alert of Microsoft's without an answer
counter-alert-none = none
counter-alert-text = first answer within { $target }
counter-alert-late = later than { $target }: answer it now
counter-approval = Next proposal expires in
counter-approval-text = { $count ->
    [one] 1 action waits for approval
   *[other] { $count } actions wait for approval
}
why-first = Why here?
why-first-text = { $stake } at stake × { $likely } % likely ÷ time left: { $left }.
why-no-clock = no clock runs, so a day
why-late = none
kind-approval = Approval
approval-title = Approve: { $playbook }
today-snoozed = { $count ->
    [one] 1 case is snoozed and comes back by itself
   *[other] { $count } cases are snoozed and come back by themselves
}
guide-title = Try it, step by step
guide-done = { $done } of { $all } done
guide-is-done = Done
guide-all-done = That is the whole way: from a strange event to proof that the loss was stopped by two people.
guide-enter = Sign in
guide-enter-how = You have.
guide-take = Take the case
guide-take-how = Open the gravest case that nobody has taken, read why it is one, and press “Take the case” or a.
guide-answer = Answer Microsoft's alert
guide-answer-how = Taking the case tells Microsoft that the alert is being looked into. On the page of the case you see when the answer has arrived.
guide-propose = Propose to stop the loss
guide-propose-how = On the page of the case choose “Propose containment”, see what it would touch, and propose it.
guide-approve = Approve it as another person
guide-approve-how = Nobody approves what they proposed. Sign out, sign in as the Global administrator, and approve the action.
guide-verified = See it verified
guide-verified-how = Borgen reads at Microsoft that each subscription has really stopped. It takes about ten minutes of the story's time.
guide-journal = Check the journal
guide-journal-how = As the Global administrator, open the audit log and press “Check the journal now”.
