# What was done in Partner Center, and who of us has looked at it.

activity-title = Activity
activity-text = What was done in Partner Center for all customers, read every hour. Look at each record, and say that you have.
activity-query-help = status:unreviewed or status:reviewed, customer:ID, operation:update_subscription, who:"name@partner.example". Terms are divided by spaces, and all of them have to hold.
activity-empty = No record fits
activity-empty-text = Records come from Partner Center by themselves, every hour. Take a term out of the filter, or choose another view.
view-unreviewed = Not reviewed
view-reviewed = Reviewed
select-activity = Select: { $what }
activity-who = Who
activity-nobody = not named
activity-no-customer = none of our customers
activity-application = Application
activity-reviewed = Reviewed
activity-not-yet = not yet
activity-review = Mark as reviewed
activity-review-text = It will stand here that you have looked at this record, and when.
activity-partly = { $done } of { $all } are marked now.
against-unknown = there is no such record
against-reviewed = was reviewed before
activity-record = The record
activity-operation = Operation
activity-resource = Of what kind
activity-ended = How it ended
activity-values = Before and after
activity-no-values = The record does not say what was before and after.
activity-before = Before
activity-after = After
activity-end-succeeded = done
activity-end-failed = failed
activity-end-progress = goes on
activity-end-unknown = unknown
nav-unreviewed = { $count } not reviewed
done-activity-reviewed = { $count ->
    [one] 1 record is marked as reviewed.
   *[other] { $count } records are marked as reviewed.
}
done-nothing-chosen = Nothing was chosen, so nothing was done.

operation-create-order = Order placed
operation-update-subscription = Subscription changed
operation-cancel-subscription = Subscription cancelled
operation-azure-fraud-event-detected = Fraud event reported by Microsoft
operation-add-customer-user-role-member = Role given to a user of the customer
operation-remove-customer-user-role-member = Role taken from a user of the customer
operation-create-customer-user = User of the customer added
operation-update-customer-qualification = Qualification of the customer changed
