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
yourself = du
nobody = ingen
customer-short = Kund { $id }
reseller-short = återförsäljare { $id }
person-short = Kollega { $id }
no-clock = ingen klocka går
late-by = { $span } för sent
per-hour = { $money } i timmen
waits-for-answer = Microsoft väntar på svar
signals-count = { $count ->
    [one] 1 signal
   *[other] { $count } signaler
}
alerts-count = { $count ->
    [one] 1 avisering
   *[other] { $count } aviseringar
}
subscriptions-count = { $count ->
    [one] 1 Azure-prenumeration
   *[other] { $count } Azure-prenumerationer
}
column-kind = Allvarlighetsgrad
column-what = Vad
column-customer = Kund
column-stake = Står på spel
column-left = Tid kvar
column-owner = Ägare
story-mining = Kryptoutvinning
story-identity = Kapad identitet
story-mailbox = Kapad brevlåda
story-data = Data i fara
story-orders = Beställningar som ingen ville ha
story-other = Annat
playbook-mining-takeover = stoppa planens alla Azure-prenumerationer
playbook-stop-attacked = stoppa de angripna Azure-prenumerationerna
