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
