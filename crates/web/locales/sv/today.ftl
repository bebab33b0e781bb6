# Första sidan: vad som måste avgöras nu, och vad det kostar att vänta.

today-title = I dag
today-open = { $count ->
    [one] 1 öppet ärende
   *[other] { $count } öppna ärenden
}
today-queue = Kräver beslut
today-views = Delar av kön
today-view-all = Allt
today-view-mine = Mina
today-view-microsoft = Med aviseringar från Microsoft
today-view-approvals = Godkännanden
today-all = Alla öppna ärenden
today-empty-all = Inget väntar på dig
today-empty-all-text = Ärenden dyker upp här av sig själva, inom sekunder, när en regel slår till, Microsoft skickar en avisering eller en åtgärd väntar på godkännande. Till dess finns inget att göra.
today-empty-mine = Du har inget ärende
today-empty-mine-text = Ta ett: öppna ett ärende och välj ”Ta ärendet”, eller tryck a.
today-empty-microsoft = Inget öppet ärende har en avisering från Microsoft
today-empty-microsoft-text = När Microsoft skickar en börjar svarsklockan gå här: första svaret inom en timme.
today-empty-approvals = Ingen åtgärd väntar på godkännande
today-empty-approvals-text = När någon föreslår att stoppa något hos en kund godkänner någon annan det här.
counter-stake = Belopp i riskzonen nu
counter-stake-least = minst: alla öppna ärenden är inte medräknade
counter-hour = Varje timmes väntan kostar
counter-hour-text = det som de öppna ärendena bränner
counter-alert = Äldsta obesvarade avisering från Microsoft
counter-alert-none = ingen
counter-alert-text = första svaret inom { $target }
counter-alert-late = senare än { $target }: svara nu
counter-approval = Nästa förslag går ut om
counter-approval-text = { $count ->
    [one] 1 åtgärd väntar på godkännande
   *[other] { $count } åtgärder väntar på godkännande
}
why-first = Varför här?
why-first-text = { $stake } står på spel × { $likely } % sannolikt ÷ tid kvar: { $left }.
why-no-clock = ingen klocka går, alltså ett dygn
why-late = ingen
kind-approval = Godkännande
approval-title = Godkänn: { $playbook }
today-snoozed = { $count ->
    [one] 1 ärende väntar till senare och kommer tillbaka av sig självt
   *[other] { $count } ärenden väntar till senare och kommer tillbaka av sig själva
}
guide-title = Prova, steg för steg
guide-done = { $done } av { $all } klara
guide-is-done = Klart
guide-all-done = Det är hela vägen: från en märklig händelse till bevis på att två personer stoppade förlusten.
guide-enter = Logga in
guide-enter-how = Det har du gjort.
guide-take = Ta ärendet
guide-take-how = Öppna det allvarligaste ärendet som ingen har tagit, läs varför det är ett, och tryck på ”Ta ärendet” eller a.
guide-answer = Besvara Microsofts avisering
guide-answer-how = När ärendet tas får Microsoft veta att aviseringen utreds. På ärendets sida syns när svaret har kommit fram.
guide-propose = Föreslå att förlusten stoppas
guide-propose-how = På ärendets sida, välj ”Föreslå åtgärd”, se vad den skulle röra, och föreslå den.
guide-approve = Godkänn den som en annan person
guide-approve-how = Ingen godkänner det den själv har föreslagit. Logga ut, logga in som Global administratör och godkänn åtgärden.
guide-verified = Se den bekräftad
guide-verified-how = Borgen läser hos Microsoft att varje prenumeration verkligen har stannat. Det tar ungefär tio minuter av berättelsens tid.
guide-journal = Kontrollera journalen
guide-journal-how = Som Global administratör, öppna granskningsloggen och tryck på ”Kontrollera journalen nu”.
