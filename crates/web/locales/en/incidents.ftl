# Incidents, and the caps that are lifted meanwhile.

incidents-title = Incidents
incidents-text = Several cases with one cause. A Global administrator declares an incident, lifts the cap of changes an hour in their own name, and ends it: `borgen incident --help`.
incidents-query-help = status:open or ended.
incidents-empty = No such incident
incidents-empty-text = When several cases have one cause, `borgen incident declare` puts them together here.
incident-cases = Cases
incident-more-cases = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
incident-declared = declared
lifted-cap = The cap is lifted
lifted-caps = Lifted caps
lifted-none = none now
lifted-to = { $count ->
    [one] { $count } change an hour
   *[other] { $count } changes an hour
}
lifted-until = until
lifted-by = lifted by
lifted-in-incident = The incident
