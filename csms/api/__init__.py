"""The REST API: what programs can ask of a tenant, at /api/v1 of its hostname, on the services the dashboard uses.

How a resource is added, so that all of them look alike:

1. `csms/api/resources/<noun>.py`: a `router = new_router("<tag>")` (`csms.api.routing`), and its line in
   `csms/api/resources/__init__.py`. The router brings ETags, Idempotency-Key and the errors in the OpenAPI document.
2. What comes out derives from `Shape` (`csms.api.shapes`): names are snake_case here and camelCase outside, with units
   as in the tables (`energyWh`, `startedAt`); money is a decimal text beside its currency, energy integer Wh, time
   integer seconds. Bodies derive from `Body`, which refuses what it does not know. Give examples.
3. An endpoint asks for `call: SignedIn` (`csms.api.call`): `call.actor`, `call.tenant`, `async with call.reading()` for
   queries, `await call.run(unit)` to commit. Tenant and cause are in scope already. What anybody may read without
   signing in asks for `call: Public` instead; nothing else makes it public.
4. Permission is asked by the service; an endpoint that only reads says `call.require(Permission.X)` first.
5. Raise VoltdeckErrors: `csms.api.problems` turns each into problem details with its dotted code and the status of its
   family (`STATUSES`). Every code is in the table of `docs/api.md`; a test compares them.
6. Lists return `Listed[X]`: an `Ordering` (`csms.api.paging`) does cursor, limit, sort and the next link.
7. A PUT, PATCH or DELETE takes `match: IfMatch` (`csms.api.etags`) and calls `match.require(current)` inside its unit
   of work, `current` being what GET answers. Fields that move by themselves are named in the shape's `volatile`.
8. What a path carries is declared in `csms.api.shapes` (`RowId`, `Identity` …), and `tests/csms/api/test_isolation.py`
   is told one of each tenant: it walks every route with the other tenant's.
"""
