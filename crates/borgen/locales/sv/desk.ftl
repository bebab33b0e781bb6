# Dagens arbete: ärenden, aviseringar, åtgärder, incidenter, policy, identifiering, journal, användare.

case-claimed = Ärende { $case } är ditt. Dess aviseringar besvaras med "investigating".
case-noted = Antecknat på ärende { $case }.
case-closed = { $count ->
    [0] Ärende { $case } är stängt som { $outcome }. Ingen avisering löses med det.
    [one] Ärende { $case } är stängt som { $outcome }. { $count } namngiven avisering löses hos Microsoft.
   *[other] Ärende { $case } är stängt som { $outcome }. { $count } namngivna aviseringar löses hos Microsoft.
}
case-reopened = Ärende { $case } är öppet igen.
alert-answered = Avisering { $alert } sätts till { $status } hos Microsoft.

no-playbook-suggested = Ärende { $case } föreslår ingen handlingsplan: ange en med --playbook.
action-proposed = Åtgärd { $action } är föreslagen. En annan person godkänner den: borgen action approve { $action } --yes
action-approved = Åtgärd { $action } är godkänd och på gång.
action-awaits-another = Ditt godkännande av { $action } är noterat. En annan persons behövs också.
action-rejected = Åtgärd { $action } är avslagen.
action-stopped = Åtgärd { $action } är stoppad. Det Microsoft redan tagit emot ångras inte; det görs med: borgen action revert { $action }
action-reviewed = Din granskning av { $action } är noterad.

incident-declared = Incident { $incident } är utlyst.
cap-lifted = Taket är { $limit } ändringar i timmen i { $minutes } minuter. Det står i journalen med ditt namn.
incident-ended = Incident { $incident } är över. Höjda tak faller tillbaka.

policy-good = Policyn är i ordning. Dess kontrollsumma är { $hash }.
policy-published = Policy { $hash } är publicerad. Varje konto ses över enligt den.
publish-with-yes = Visas bara. Med --yes publiceras den.
policy-written = Policyn som följer med ligger i { $folder }. Ändra den, sedan: borgen policy check { $folder }
no-policy = Ingen policy gäller på servern.

rules-loaded = { $count ->
    [one] { $count } regel lästes in.
   *[other] { $count } regler lästes in.
}
rules-tested = { $count ->
    [one] { $count } prov kördes, { $failed } misslyckades.
   *[other] { $count } prov kördes, { $failed } misslyckades.
}
rule-remark = { $file }: regel { $rule }: { $remark }
rule-untested = { $file } saknar händelser som ska ge utslag och händelser som inte ska det.
rule-refused = { $place }: { $problem }
rules-refused-stop = En regel avvisades, så inget kördes. Med --keep-going körs de andra.
line-malformed = { $file }:{ $line }: { $problem }
detect-done = { $count ->
    [one] { $count } fynd i { $events } händelser; { $malformed } rader gick inte att läsa.
   *[other] { $count } fynd i { $events } händelser; { $malformed } rader gick inte att läsa.
}
no-such-rule = Det finns ingen regel { $rule } bland de inlästa.
no-such-line = { $place } är ingen rad i en fil: FIL:RAD behövs, rader från 1.
explain-holds = Regel { $rule } gäller för händelsen.
explain-holds-not = Regel { $rule } gäller inte för händelsen.
explain-not-routed = Regeln är för en annan logg än { $log }.
explain-history = Det krävs mer än denna händelse för ett fynd.
explain-line = { $mark } { $field } { $op } { $wanted } — fanns: { $found }
explain-missing = händelsen har inget sådant fält

replay-same = { $count ->
    [one] { $count } konto spelades upp: varje beslut blev detsamma, på byten.
   *[other] { $count } konton spelades upp: varje beslut blev detsamma, på byten.
}
replay-differs = Konto { $account } skiljer sig vid faktum { $version }.
replay-recorded = noterat: { $fact }
replay-replayed = uppspelat: { $fact }
replay-no-account = Lagret har inget konto { $account }.
what-if-first-order = Detta är av första ordningen: vad människor och Microsoft gjorde behålls så långt det ännu svarar på något.
what-if-same = { $count ->
    [one] { $count } konto prövades: inget hade beslutats annorlunda.
   *[other] { $count } konton prövades: inget hade beslutats annorlunda.
}

export-written = Journalen ligger i { $file }.
verify-problem = { $problem }
verify-counted = { $count ->
    [one] { $count } faktum för { $accounts } konton lästes; { $signed } täcks av en signatur i filen.
   *[other] { $count } fakta för { $accounts } konton lästes; { $signed } täcks av en signatur i filen.
}
verify-not-proven = Inte bevisat att inget kapats eller skrivits om: { $why }.
verify-good = Felfri: inget är ändrat, borttaget, omkastat eller inskjutet.

token-revoked = Nyckel { $token } gäller inte längre.
secret-once = Visas en gång och sparas ingenstans (id { $id }):
actions-on = Åtgärder är på för { $connection }: ändringar skickas till Microsoft.
actions-off = Åtgärder är av för { $connection }: allt är provkörning.
connection-name = En anslutning har ett namn av små bokstäver, siffror och bindestreck; { $name } har inte det.
connection-known = Det finns redan en anslutning { $name } i inställningarna.
connection-added = Anslutning { $name } står i { $path }. Servern ansluter när den startas igen; inget ändras hos Microsoft förrän du slår på åtgärder.
verify-further = Ytterligare { $count } problem räknas inte upp.
verify-proven = Bevisat: de första { $count } fakta är de som signerades { $at }; inget fram till dess är kapat eller omskrivet.
verify-bad = { $count ->
    [one] INTE felfri: { $count } problem hittades.
   *[other] INTE felfri: { $count } problem hittades.
}
no-public-key = { $key } är ingen publik nyckel: ange filen som `borgen audit key` skriver, eller nyckeln själv.
