# Granskningsloggen.

audit-title = Granskningslogg
audit-text = Allt som sagts, beslutats och gjorts, med vem och varför. Inget i den ändras någonsin.
audit-empty = Inget är förseglat än
audit-empty-text = Fakta visas här så snart de är förseglade, vilket tar en sekund.
audit-proof = Bevis
audit-sealed = Förseglade fakta under signaturen
audit-signed = Signerat
audit-root = Trädets rot
audit-origin = Lager
audit-note = Den signerade texten
audit-note-hint = Förvara den någon annanstans. Med den kan vem som helst bevisa att loggen inte har ändrats i efterhand.
audit-nothing-signed = Inget har signerats än.
audit-export = Exportera hela loggen
audit-export-hint = Ett faktum på varje rad; personuppgifter förblir förseglade. Kontrolleras utan det här programmets hjälp med
audit-check = Kontrollera journalen nu
audit-check-hint = Varje faktum läses på nytt, och varje kedja, plats, rot och signatur räknas om.
audit-checked = Journalen kontrollerades
audit-sound = Inget är fel.
audit-not-sound = Något är fel.
audit-accounts = Konton
audit-covered = Täcks av en signatur
audit-not-proven = Att inget har klippts bort i slutet, och att inget har skrivits om i sin helhet, syns bara mot en kontrollpunkt som har förvarats någon annanstans: exportera journalen och kontrollera den med kommandot ovan.
