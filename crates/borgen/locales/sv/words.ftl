# Ord för det som gränssnittet anger med nycklar: tillstånd, slag, roller samt de berättelser och handlingsplaner som följer med.

word-low = låg
word-medium = medel
word-high = hög
word-critical = kritisk
word-informational = upplysning
word-open = öppet
word-closed = stängt
word-active = aktiv
word-investigating = utreds
word-resolved = löst
word-fraud = bedrägeri
word-misuse = missbruk
word-legitimate = legitimt
word-false-alarm = falskt larm
word-duplicate = dubblett
word-test = prov
word-stale = för gammalt
word-proposed = föreslagen
word-released = godkänd, på gång
word-verified = gjord och återläst
word-dry-run = torrkörning: inget skickades
word-failed = misslyckades
word-rejected = avslagen
word-expired = förfallen
word-stopped = stoppad
word-waiting = väntar
word-ordered = beordrad
word-accepted = mottagen av Microsoft
word-looking = läses tillbaka
word-seen = återläst
word-stuck = fast: en person måste titta
word-not-sent = inte skickad
word-ended = avslutad
word-already-so = var redan så
word-normal = normal
word-emergency = nödläge
word-cancel-azure-subscription = säg upp Azure-prenumerationen
word-suspend-plan = spärra planen
word-reactivate-plan = återaktivera planen
word-reactivate-azure-subscription = återaktivera Azure-prenumerationen
word-reservations = reservationer och sparplaner
word-marketplace = köp på marknadsplatsen
word-seats = licensprenumerationer
word-running-state = det som körs: adresser och startordning går förlorade
word-data-after-retention = data, när Microsofts bevarandetid är slut
word-scheduled-changes = planens schemalagda ändringar (en ögonblicksbild återställer dem)
word-protected = inte på skyddslistan
word-size = inte fler än en åtgärd får ta
word-one-at-a-time = ingen annan åtgärd i ärendet på gång
word-attacked = det som angripits
word-plan = hela planen
word-public = det offentliga molnet
word-us-government = US Government
word-global-administrator = global administratör
word-user-administrator = administratör för användarhantering
word-admin-agent = administratörsagent
word-billing-administrator = faktureringsadministratör
word-auditor = granskare
word-mining = kryptobrytning
word-identity = stulen identitet
word-mailbox = kapad brevlåda
word-data = data tagna eller förstörda
word-orders = oönskade beställningar
word-other = annat
word-mining-takeover = stoppa all Azure i planen
word-stop-attacked = stoppa det som angripits
word-true = ja
word-false = nej
word-contact = kontaktuppgifter
word-evidence = bevis
word-screening = kontroller
word-billing = bokföringsunderlag

amount-assumed = (antaget: inget pris är känt)
clock-left = { $count ->
    [one] ({ $count } minut kvar)
   *[other] ({ $count } minuter kvar)
}
clock-passed = { $count ->
    [one] (passerad för { $count } minut sedan)
   *[other] (passerad för { $count } minuter sedan)
}
personal-closed = (din roll får inte se det)
personal-erased = (raderat)
personal-unreadable = (går inte att läsa just nu)
column-cost = Kostnad totalt
column-closed = Stängt
column-revert-of = Ångrar

word-log-activity = Azures aktivitetslogg
word-log-resource = Azures resursloggar
word-log-audit = Entras granskningslogg
word-log-signin = Entras inloggningslogg
word-log-risk = Entras riskidentifieringar
word-log-office = Office 365:s aktivitetslogg
word-log-defender = Defenders aviseringar
word-log-partneraudit = Partnercenters granskningsposter
word-log-partneralert = Microsofts säkerhetsaviseringar till partner
word-log-unknown = en okänd logg
