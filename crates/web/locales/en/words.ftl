# The words of the domain, as people read them.

severity-critical = Critical
severity-high = High
severity-medium = Medium
severity-low = Low
role-global-administrator = Global administrator
role-user-administrator = User management administrator
role-admin-agent = Admin agent
role-billing-administrator = Billing administrator
role-auditor = Auditor
