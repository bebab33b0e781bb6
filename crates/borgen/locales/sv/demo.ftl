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
