# The demonstration.

demo-data = DEMO DATA: made-up customers, a simulated Microsoft. Everything is forgotten at the end.
demo-serves = Serving on { $url }; the simulated Microsoft is at { $sandbox }.
demo-try =
    The tokens of the four roles are above, on standard output. An attack begins when the customers are known.
    Open it in a browser: one click lets you in as one of four people. Or, in another terminal:
      export BORGEN_CLIENT__SERVER={ $url } BORGEN_TOKEN={ $token }
      borgen cases list
      borgen cases show CASE
      curl -H "Authorization: Bearer $BORGEN_TOKEN" { $url }/api/v1/cases
    Ctrl-C stops.
demo-disagrees = The journal, its replay and Microsoft's own log do not tell the same: see disagreements in the summary.
demo-no-attack = No attack comes, but the server goes on: { $why }
demo-seeding = { $known } of { $customers } customers are known; about { $minutes } min more.
demo-seeded = All { $customers } customers are known.
demo-quiet = Quiet. The first of four acts begins in about { $seconds } s; --speed makes it come sooner.
demo-act-takeover = Now: a tenant is taken over, and many graphics machines start in a region that was never used.
demo-act-grant = Now: a stranger becomes owner of another customer's Azure, and the partner is removed.
demo-act-mail = Now: a third customer's mailbox begins to forward invoices to a stranger.
demo-act-peak = Now: a fourth customer scales up as planned. It looks like an attack and is none.
