# Incidenter, och taken som höjts under tiden.

incidents-title = Incidenter
incidents-text = Flera ärenden med en orsak. En global administratör utlyser en incident, höjer taket för ändringar i timmen i sitt eget namn och avslutar den: `borgen incident --help`.
incidents-query-help = status:open eller ended.
incidents-empty = Ingen sådan incident
incidents-empty-text = När flera ärenden har en orsak samlar `borgen incident declare` dem här.
incident-cases = Ärenden
incident-more-cases = { $count ->
    [one] och { $count } till
   *[other] och { $count } till
}
incident-declared = utlyst
lifted-cap = Taket är höjt
lifted-caps = Höjda tak
lifted-none = inget just nu
lifted-to = { $count ->
    [one] { $count } ändring i timmen
   *[other] { $count } ändringar i timmen
}
lifted-until = fram till
lifted-by = höjt av
lifted-in-incident = Incidenten
