# Vad varje kommando kan säga: inställningar, servern, listor, avslut.

config-unreadable = { $path } går inte att läsa: { $why }
config-not-toml = { $path } är inte TOML: { $why }
config-unknown-key = { $place }: det finns ingen inställning { $key }.
config-wrong-value = { $place }: { $key } ska vara { $wanted }.
config-secret-twice = { $key } och { $key }_file är båda angivna på samma ställe: det räcker med en.
did-you-mean = Menade du { $near }?
file-exists = { $path } finns redan och skrivs inte över.
no-such-command = Det finns inget kommando { $command }.

server-unreachable = { $server } går inte att nå.
server-no-url = { $server } är ingen serveradress: http://VÄRD:PORT eller https://VÄRD behövs (--server eller client.server).
log-filter-wrong = log.filter kan inte vara { $filter }: { $why }. Till exempel info,runtime=debug.
server-silent = { $server } svarade inte i tid.
server-start-hint = Är den igång? Starta den med: borgen serve. En annan server anges med --server eller client.server.
server-answered = Servern svarade { $status }.
answer-too-large = Svaret från { $server } är större än vad som läses på en gång.
token-hint = Sätt BORGEN_TOKEN till en nyckel du har. Logga in i webbläsaren och skapa en under din profil.
code-hint = Ange det din autentiseringsapp visar: --code 123456, eller i BORGEN_CODE.
stale-hint = Någon har ändrat det under tiden: titta igen och bestäm sedan.
wait-hint = Vänta { $seconds } sekunder.

hint-store-in-use = Ett SQLite-lager betjänar en process: stoppa servern först, eller använd PostgreSQL.
hint-master-key = keys.master_file (eller BORGEN_KEYS__MASTER) ska vara huvudnyckeln som gäller; efter ett byte är det den nya.
hint-signing-key = keys.signing_file ska vara installationens signeringsnyckel: kör kommandot där serverns inställningar finns, eller skapa en med borgen init.

list-empty = Inget att visa.
would-call = Visas bara. Med --yes görs detta anrop: { $call }
stopping = Stannar: det som är på gång blir klart först.

files-wrong = { $count ->
    [one] { $count } problem hittades.
   *[other] { $count } problem hittades.
}

column-account = Konto
column-action = Åtgärd
column-actions = Åtgärder
column-actions-on = Åtgärder på
column-active = Aktiv
column-after = Efter
column-alert = Avisering
column-alerts = Aviseringar
column-answered = Besvarad
column-approvals = Godkännanden
column-at-stake = Belopp i riskzonen
column-author = Upphov
column-before = Före
column-case = Ärende
column-class = Klass
column-clock = Svar senast
column-cloud = Moln
column-connection = Anslutning
column-customer = Kund
column-destroys = Förstör
column-epoch = Nummer
column-error = Fel
column-event = Händelse
column-expected = Väntat
column-expires = Ogiltig efter
column-faults = Fungerar inte
column-file = Fil
column-from = Från
column-goes-on-billing = Faktureras ändå
column-got = Fick
column-guards = Skyddsregler
column-hash = Kontrollsumma
column-hint = Råd
column-in-force = Gäller
column-incident = Incident
column-lifted-caps = Höjda tak
column-line = Rad
column-lost-so-far = Förlorat hittills
column-name = Namn
column-note = Anteckning
column-origin = Från
column-microsofts-reason = Skäl hos Microsoft
column-outcome = Utfall
column-owner = Ägare
column-parameters = Godkännandet gäller
column-partition = Partition
column-per-hour = Per timme
column-place = Ställe
column-playbook = Handlingsplan
column-problem = Problem
column-proposer = Föreslagen av
column-received = Mottagen
column-review-by = Granskas senast
column-woken = Väcks
column-roles = Roller
column-rule = Regel
column-saves-per-hour = Sparar per timme
column-setting = Inställning
column-severity = Allvarlighetsgrad
column-signals = Signaler
column-since = Sedan
column-state = Läge
column-status = Status
column-steps = Steg
column-stops = Azure-prenumerationer + planer
column-story = Förlopp
column-tenant = Klientorganisation
column-title = Rubrik
column-type = Typ
column-undo-minutes = Minuter att ångra
column-user = Användare
column-users = Berörda användare
column-value = Värde
column-verdict = Resultat
column-why = Varför
column-by = Av
column-cases = Ärenden
column-fact = Slag av faktum
column-values = Värden
