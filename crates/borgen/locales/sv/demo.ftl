# Demonstrationen.

demo-data = DEMODATA: påhittade kunder, ett simulerat Microsoft. Allt glöms vid slutet.
demo-serves = Svarar på { $url }; det simulerade Microsoft finns på { $sandbox }.
demo-try =
    Nycklarna för de fyra rollerna står ovan, på standard ut. Ett angrepp börjar när kunderna är kända.
    Öppna den i en webbläsare: ett klick släpper in dig som en av fyra personer. Eller, i en annan terminal:
      export BORGEN_CLIENT__SERVER={ $url } BORGEN_TOKEN={ $token }
      borgen cases list
      borgen cases show ÄRENDE
      curl -H "Authorization: Bearer $BORGEN_TOKEN" { $url }/api/v1/cases
    Ctrl-C stannar.
demo-disagrees = Journalen, uppspelningen och Microsofts egen logg säger inte detsamma: se disagreements i sammanfattningen.
demo-no-attack = Inget angrepp kommer, men servern går vidare: { $why }
demo-seeding = { $known } av { $customers } kunder är kända; ungefär { $minutes } min till.
demo-seeded = Alla { $customers } kunder är kända.
demo-quiet = Lugnt. Den första av fyra akter börjar om ungefär { $seconds } s; --speed får den att komma tidigare.
demo-act-takeover = Nu: en klientorganisation kapas, och många grafikmaskiner startar i en region som aldrig använts.
demo-act-grant = Nu: en främling blir ägare till en annan kunds Azure, och partnern tas bort.
demo-act-mail = Nu: en tredje kunds brevlåda börjar vidarebefordra fakturor till en främling.
demo-act-peak = Nu: en fjärde kund skalar upp som planerat. Det ser ut som ett angrepp men är inget.
