# Dagens arbete: ärenden, aviseringar, åtgärder, incidenter, policy, identifiering, journal, användare.

case-claimed = { $count ->
    [0] Ärende { $case } är ditt. Det har inga aviseringar från Microsoft, så det finns inget att besvara: titta på det med borgen cases show { $case }
    [one] Ärende { $case } är ditt. Dess avisering besvaras med "utreds".
   *[other] Ärende { $case } är ditt. Dess { $count } aviseringar besvaras med "utreds".
}
case-noted = Antecknat på ärende { $case }.
alert-stays-open = Aviseringen { $alert } är inte nämnd och förblir öppen.
close-tells-nothing = Ingen avisering är nämnd, så Microsoft får inget besked.
close-only-shown = Bara visat. Utan --preview stängs ärendet.
case-closed = { $count ->
    [0] Ärende { $case } är stängt som { $outcome }. Ingen avisering löses med det.
    [one] Ärende { $case } är stängt som { $outcome }. { $count } namngiven avisering löses hos Microsoft.
   *[other] Ärende { $case } är stängt som { $outcome }. { $count } namngivna aviseringar löses hos Microsoft.
}
case-reopened = Ärende { $case } är öppet igen.
case-snoozed = Ärende { $case } är ute ur kön till { $until }. Det kommer tillbaka av sig självt, eller med borgen cases wake.
case-still-shown = Reglerna i ärende { $case } väntar till senare, men det blir kvar i kön: { $why }.
snooze-ended = Väntan { $snooze } är slut: regeln begär uppmärksamhet igen.
alert-answered = Avisering { $alert } sätts till { $status } hos Microsoft.

no-playbook-suggested = Ärende { $case } föreslår ingen åtgärdsplan: ange en med --playbook.
action-proposed = Åtgärd { $action } är föreslagen. En annan person godkänner den: borgen action approve { $action } --code 123456 --yes (koden ur den personens autentiseringsapp)
action-approved = Åtgärd { $action } är godkänd och på gång.
action-awaits-another = Ditt godkännande av { $action } är noterat. En annan persons behövs också.
action-rejected = Åtgärd { $action } är avslagen.
action-stopped = Åtgärd { $action } är stoppad. Det Microsoft redan tagit emot ångras inte; det görs med: borgen action revert { $action }
action-withdrawn = Förslaget { $action } är återtaget. Inget har ändrats hos Microsoft.
action-widened = Åtgärdsplanen tar Azure-prenumerationer i planen som ingen har angett som angripna
action-acknowledged = Du har tagit { $action }: godkänn eller avslå nu.
action-reviewed = Din granskning av { $action } är noterad.

incident-declared = Incident { $incident } är utlyst.
cap-lifted = Taket är { $limit } ändringar i timmen i { $minutes ->
    [one] { $minutes } minut
   *[other] { $minutes } minuter
}; sedan faller det tillbaka, eller när incident { $incident } avslutas. En tidigare höjning ersätts. Det står i journalen med ditt namn.
lifted-cap = { $connection }: { $limit } ändringar i timmen fram till { $until }, höjt av { $by }
incident-ended = Incident { $incident } är över. Höjda tak faller tillbaka.

policy-good = Policyn är i ordning. Dess kontrollsumma är { $hash }.
policy-published = Policy { $hash } är publicerad. Varje konto ses över enligt den.
publish-with-yes = Visas bara. Med --yes publiceras den; med --yes --based-on { $number } bara om ingen har publicerat en annan under tiden.
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
    [one] { $count } fynd
   *[other] { $count } fynd
} i { $events ->
    [one] { $events } händelse
   *[other] { $events } händelser
}; { $malformed ->
    [0] { $broken ->
        [0] alla rader gick att läsa.
       *[other] alla rader som setts igenom gick att läsa.
    }
    [one] { $malformed } rad gick inte att läsa.
   *[other] { $malformed } rader gick inte att läsa.
}
detect-cut-off = { $file } tar slut för tidigt, efter rad { $line }: resten har inte setts igenom.
detect-broken = { $file } går inte att läsa längre än till rad { $line }: { $why }. Resten har inte setts igenom.
detect-not-whole = { $count ->
    [one] 1 fil lästes inte till sitt slut: det kan finnas mer i den.
   *[other] { $count } filer lästes inte till sitt slut: det kan finnas mer i dem.
}
no-such-rule = Det finns ingen regel { $rule } bland de inlästa.
no-such-line = { $place } är ingen rad i en fil: FIL:RAD behövs, rader från 1.
explain-past-the-end = { $count ->
    [one] { $file } har 1 rad: det finns ingen rad { $line }.
   *[other] { $file } har { $count } rader: det finns ingen rad { $line }.
}
explain-no-event = Ingen händelse börjar på rad { $line } i { $file }; den sista börjar på rad { $last }.
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
verdict-gone = skulle inte finnas
verdict-new = skulle vara nytt
verdict-other = skulle gå annorlunda
verdict-actions = åtgärder
verdict-dropped = svarar inte längre på något
what-if-fact = faktum { $fact }: { $kind }
what-if-actions = { $proposed } föreslagna, { $refused } avvisade, { $expired } förfallna
what-if-answered = besvarat { $time }
what-if-stopped = stoppat { $time }
what-if-first-order = Detta är av första ordningen: vad människor och Microsoft gjorde behålls så långt det ännu svarar på något.
what-if-same = { $count ->
    [one] { $count } konto prövades: inget hade beslutats annorlunda.
   *[other] { $count } konton prövades: inget hade beslutats annorlunda.
}

export-written = Journalen ligger i { $file }.
checkpoint-written = Den senaste kontrollpunkten ligger i { $file }. Förvara den där ingen som driver Borgen kan ändra den.
verify-problem = Rad { $line }: { $problem }.
verify-counted = { $count ->
    [one] { $count } faktum för { $accounts } konton lästes; { $signed } täcks av en signatur i filen.
   *[other] { $count } fakta för { $accounts } konton lästes; { $signed } täcks av en signatur i filen.
}
verify-not-proven = Inte bevisat att inget kapats eller skrivits om: { $why }.
verify-good = Felfri: inget är ändrat, borttaget, omkastat eller inskjutet.

token-revoked = Nyckel { $token } gäller inte längre.
link-once = Ge den här till personen. Den gäller en gång och till { $expires }; ingen annan får använda den:
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

policy-unchanged = Inget har ändrats: policy { $number } gäller och har just dessa filer. Ingen ny gjordes.
policy-faster = { $by } var snabbare och publicerade policy { $number } { $at }. Din publicerades inte.
policy-faster-hint = Jämför med det som gäller nu (borgen policy diff MAPP), för över det som behövs och publicera igen.
rules-none = Det finns ingen regelfil (.yml) i { $folder }.
no-store = Det finns inget lager i { $path }. Ett annat anges med --store, eller kör kommandot där serverns inställningar finns.
no-such-connection = Det finns ingen anslutning { $name }.
connections-known = Det finns: { $names }
connection-twice = Flera anslutningar heter { $name }: ange den med dess id (borgen admin connection list).

unproven-unkept = ingen kontrollpunkt som förvarats på annat håll är angiven (--checkpoint), och fakta som kapats i slutet, eller en journal som skrivits om i sin helhet, skulle se likadana ut
unproven-rewritten = dess första fakta är inte den förvarade kontrollpunktens
unproven-truncated = den har färre fakta än den förvarade kontrollpunkten täcker
unproven-faulty = filen har fel
fault-no-header = filen börjar inte med en exports huvud
fault-format = exporten har form { $form }, som denna version inte känner
fault-unreadable = raden hör inte till en export: ett faktum, en kontrollpunkt eller slutet
fault-after-end = en rad följer efter exportens slut
fault-no-end = exporten har inget slut: den har kapats
fault-position = position { $found } står där position { $expected } borde stå: fakta har tagits bort, lagts till eller flyttats
fault-version = konto { $account } har faktum { $found } där dess faktum { $expected } borde stå: fakta har tagits bort, lagts till eller flyttats
fault-chain = faktum { $version } i konto { $account } följer inte på det föregående: ett av dem har bytts ut
fault-edited = faktum { $version } i konto { $account } har ändrats: dess byte ger inte dess kontrollsumma
fault-mislabelled = det som står vid faktum { $version } i konto { $account } säger sig vara något annat
fault-clock-back = faktum { $version } i konto { $account } antecknades före det föregående: klockan har ställts tillbaka
fault-checkpoint-clock-back = kontrollpunkten från { $at } är äldre än det den följer på: klockan har ställts tillbaka
fault-checkpoint = kontrollpunkten har ändrats sedan den signerades, eller är ingen
fault-other-key = kontrollpunkten över { $size } fakta är inte signerad med denna nyckel
fault-other-store = detta hör till lagret { $found }, inte till { $wanted }
fault-count = { $signed } fakta fanns här, nu finns { $found }: fakta har tagits bort eller lagts till
fault-root = de första { $size } fakta är inte de som signerades: något av dem har bytts ut
fault-rewritten = de första { $size } fakta är inte de i den förvarade kontrollpunkten från { $at }: journalen har skrivits om
fault-truncated = den förvarade kontrollpunkten från { $at } täcker { $size } fakta, filen slutar efter { $found }: resten har kapats

erase-reason = Säg varför, med 1 till { $count } tecken: --reason
erase-what = Dessa förseglade värden i konto { $account } blir oläsliga för alltid, i varje kopia av journalen. Fakta, beslut och bevis står kvar.
erase-nothing = Inget av dessa slag är förseglat för kontot. Dess nycklar raderas ändå, om det finns några.
erase-shown = Visas bara. Inget raderades.
erase-with-yes = Visas bara, eftersom ingen kan tillfrågas här. Med --yes raderas det.
erase-type = Detta går inte att ångra. Skriv kontots id för att radera ({ $account }):
erase-not-typed = Det var inte kontots id. Inget raderades.
erase-who = Bara en global administratör som ser alla kunder får radera, i eget namn.
erase-done = { $count ->
    [0] { $class }: det fanns ingen nyckel att radera. Journalen säger att det begärdes.
    [one] { $class }: { $count } nyckel är raderad. Journalen säger av vem och varför.
   *[other] { $class }: { $count } nycklar är raderade. Journalen säger av vem och varför.
}
erase-others = Andra processer som delar lagret följer efter inom en minut. Säkerhetskopior av keys.db har kvar nycklarna: ta bort dem som är äldre, som docs/operations.md säger.
rotate-same-file = { $path } är huvudnyckeln som gäller: ange en annan fil.
rotate-with-yes = Den nuvarande huvudnyckeln öppnar valvet. Med --yes försluts varje nyckel med den i { $path } (den skapas om den inte finns) och den nuvarande gäller inte längre.
rotate-done = { $count ->
    [one] { $count } nyckel är försluten med den nya huvudnyckeln. Inget förseglat har ändrats.
   *[other] { $count } nycklar är förslutna med den nya huvudnyckeln. Inget förseglat har ändrats.
}
rotate-next =
    Nu, innan en server startar:
      1. sätt keys.master_file = "{ $path }" i borgen.toml (eller ta bort BORGEN_KEYS__MASTER) och starta om varje server
      2. förvara en kopia av den nya nyckeln skild från säkerhetskopiorna
      3. behåll { $former } så länge äldre säkerhetskopior av keys.db finns kvar: bara den öppnar dem

activity-reviewed = { $count ->
    [0] Ingen post är markerad som granskad.
    [one] 1 post är markerad som granskad av dig.
   *[other] { $count } poster är markerade som granskade av dig.
}
activity-left-out = Posten { $record }: { $why }.
contact-recorded = Kontakten { $contact } är antecknad. Ett samtal som du ringer, på ett nummer som var känt sedan tidigare, ska bekräfta den: borgen customers call --known-number --confirms { $contact }
contact-removed = Kontakten { $contact } är borttagen.
call-recorded = Samtalet med kunden { $customer } är antecknat.
customer-noted = Antecknat om kunden { $customer }.
