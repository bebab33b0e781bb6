# Saved views, and what is snoozed.

views-title = Saved views
views-text = A view is a list with a filter under a name. Its address always leads to the list as the view is by now.
views-manage = Manage views
views-empty = You keep no view
views-empty-text = Open a list, filter it, and choose “Save this view”. It then stands in the navigation.
view-keep = Save this view
view-name = Name of the view
view-shared = Everybody gets it
view-begin = The list begins with it
view-save = Save
view-change = Save the view
view-delete = Delete
view-own = yours
view-others = shared by a colleague
view-is-shared = shared with everybody
view-is-chosen = your list begins with it
view-begin-with = Begin { $list } with it
view-begin-no-longer = No longer begin { $list } with it
view-of-cases = Cases
view-of-signals = Signals
view-of-notices = Microsoft's alerts
view-of-customers = Customers
view-of-actions = Actions
done-view-saved = The view is saved.
done-view-changed = The view is changed.
done-view-deleted = The view is deleted.
done-view-chosen = Your list begins as you wanted.
snoozes-title = Snoozed
snoozes-text = What asks for no attention for a while. Everything here comes back by itself.
snoozes-query-help = status:in_force or over, rule:ID, customer:ID. Terms are divided by spaces, and all of them have to hold.
snoozes-empty = Nothing is snoozed
snoozes-empty-text = When a rule is right and still needs no attention at one customer for some days, open the case and choose “Snooze”.
view-in-force = Now
view-over = Over
snooze-until = Until
snooze-until-short = until
snooze-reason = Why
snooze-by = By
snooze-end = End it now
snooze-for = For how long
snooze-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
snooze-why = Why it needs no attention
snooze-why-hint = What you know that makes it harmless, and from whom. It is kept sealed.
snooze-rules = Rules
done-snoozed = Snoozed. It comes back by itself.
done-snooze-ended = The snooze is over.
