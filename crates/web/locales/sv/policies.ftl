# Policyer: vad som har publicerats, filerna, att ändra och pröva dem, och att göra om besluten.

policies-title = Policyer
policies-text = Partnerns regler som filer. Varje beslut säger vilken policy det fattades enligt, och det som är publicerat ändras aldrig.
policies-files-now = Gällande filer
policies-change = Ändra filerna
policy-title = Policy
policy-number = Nummer
policy-from = Avgör från
policy-by = Av
policy-published = publicerad
policy-files = Filer
policy-edit = Ändra utifrån dessa
policy-edit-these = Ändra dessa filer
policy-in-force = Gäller
policy-waits = Gäller inte än
policy-past = Tidigare
policy-changes = Vad den ändrade
policy-no-change = Den anger alla värden som tidigare.
policy-file = Fil
policy-key = Värde
policy-was = Var
policy-becomes = Blir
draft-title = Ändra policyfiler
draft-text = Inget sparas förrän det publiceras. Formuläret bär ditt utkast: lämnar du sidan är det borta.
draft-good = Filerna klarar kontrollen.
draft-wrong = { $count ->
    [one] 1 ställe är fel. Så här kan filerna varken prövas eller publiceras.
   *[other] { $count } ställen är fel. Så här kan filerna varken prövas eller publiceras.
}
draft-hint = I stället
draft-files = Filer
draft-edited = ändrad
draft-paste = Skriv här, eller klistra in en hel fil.
draft-upload = Ta in filer från din dator
draft-upload-hint = Filer vars namn slutar på .toml. De ersätter dem med samma namn. Det kräver en webbläsare med skript; utan skript klistrar du in varje fil.
draft-taken = Intagna. Tryck på knappen som kontrollerar.
draft-changes = Vad som anges på annat sätt än i den gällande policyn
draft-ends = När du är klar
draft-check = Kontrollera filerna
draft-try = Pröva på den verkliga historiken
draft-minutes = Minuter tills ett förslag antas vara godkänt
draft-minutes-hint = Tomt: nya förslag förblir obesvarade.
draft-from = Avgör från (tomt: genast)
draft-publish = Publicera
draft-prove = Visa på nytt vem du är, och publicera sedan igen
done-policy-published = Policyn är publicerad. Varje konto tar den i bruk när det är dags.
trial-title = Vad som hade blivit annorlunda
trial-run = { $count } historiker kördes; för { $others } av dem hade något blivit annorlunda.
trial-nothing = Inget hade blivit annorlunda.
trial-was = Som det var
trial-would-be = Som det hade blivit
trial-not-there = inget ärende
trial-opened = öppnat
trial-stopped = stoppat
trial-lost-before = Förlorat, som det var
trial-lost-after = Förlorat, som det hade blivit
trial-counts = Förslag { $proposed }, hade blivit { $wouldpropose }. Avvisade { $refused }, hade blivit { $wouldrefuse }. Svar som inte hade svarat på något: { $dropped }.
trial-first-order = Vad människor och Microsoft hade gjort i stället är inte känt: det är en jämförelse av första ordningen.
replay-title = Gör om besluten
replay-text = Varje beslut fattas på nytt ur antecknade fakta, av samma kod som i drift, och jämförs byte för byte: 100 kunder i taget, de med de allvarligaste ärendena först.
replay-send = Gör om besluten
replay-next = Nästa kunder
replay-verdict = Hur det blev
replay-same = samma, på byten
replay-differs = skiljer sig från och med faktum { $number }
replay-facts = Fakta
replay-decided = Beslutade
replay-all-same = { $count ->
    [one] Besluten för 1 kund blev desamma.
   *[other] Besluten för { $count } kunder blev desamma.
}
replay-some-differ = { $count ->
    [one] Besluten för 1 kund blev andra.
   *[other] Besluten för { $count } kunder blev andra.
}
replay-left-out = { $count ->
    [one] 1 kund utelämnades: historiken är för lång, eller tiden var slut.
   *[other] { $count } kunder utelämnades: historiken är för lång, eller tiden var slut.
}
