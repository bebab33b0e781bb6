# Microsoft's alerts.

notices-title = Microsoft's alerts
notices-query-help = status:active (or investigating, resolved), severity:high (that or graver), type:NAME, customer:ID. Terms are divided by spaces, and all of them have to hold.
notices-empty = No alert fits
notices-empty-text = When Microsoft raises an alert, its answer clock starts here: a first answer is due within an hour.
view-unanswered = Unanswered
view-investigated = Being looked into
view-resolved = Resolved
notice-state = State at Microsoft
notice-clock = Answer due in
notice-answered = first answered
notice-resolved-elsewhere = resolved at Microsoft without us
notice-test = Test
notice-case = Case
notice-open-case = Open the case
notice-detected = Detected by Microsoft
notice-received = Received by us
notice-id = Microsoft's id
notice-text = What Microsoft says
notice-done = It is resolved. Nothing is left to answer.
notice-answer-hint = Closing the case answers the alerts that it names. Here you answer this one alone, or give an early word.
