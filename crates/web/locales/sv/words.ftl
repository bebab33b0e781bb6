# Verksamhetens ord, som människor läser dem.

severity-critical = Kritisk
severity-high = Hög
severity-medium = Medel
severity-low = Låg
role-global-administrator = Global administratör
role-user-administrator = Administratör för användarhantering
role-admin-agent = Administratörsagent
role-billing-administrator = Faktureringsadministratör
role-auditor = Granskare
