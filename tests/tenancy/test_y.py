import time, collections
from tests.tenancy import knowledge, crawling
from tests.tenancy.knowledge import Value
from tests.tenancy.plan import Plan, arguments
from tests.tenancy.scout import scout
def test_y(tenants):
    app=tenants.people.app
    rules=list(app.url_map.iter_rules())
    t=time.process_time()
    words = tuple(Value("form", "field", name) for name in crawling.related_fields(app))
    theirs = knowledge.read(tenants.engine, tenants.globex, words)
    own = knowledge.read(tenants.engine, tenants.acme, words)
    print("know", time.process_time()-t)
    sc=scout(app, theirs, rules, tenants.scouts())
    print("scout", time.process_time()-t)
    print(sc.places); print(sc.fields)
    print({r.endpoint for r in rules if "POST" in r.methods} - sc.fields.keys())
    p=Plan(app,theirs,own,sc,{})
    print(len(theirs.samples(1)), [(v.place,v.text) for v in theirs.samples(1)])
    for ph in (p.reading,p.writing):
        c=collections.Counter((x.method) for x in ph(rules)); print(c)
    for r in rules:
        n=len(list(p._addresses(r,"GET"))); q=len(list(p._queries(r))) if "GET" in r.methods else 0; b=len(list(p._bodies(r))) if "POST" in r.methods else 0
        print(r.rule, sorted(r.methods), n,q,b, arguments(app,r.endpoint) if q else "")
    print(len(knowledge.secrets(theirs,own)))
