def test_x(tenants):
    import time
    with tenants.engine.connect() as c:
        for t in ("payment","operation","bulk_upload","outbox","bulk_row","ledger_line","audit_entry"):
            print(t, c.exec_driver_sql(f"select count(*) from {t}").scalar())
        print(c.exec_driver_sql("select status,count(*) from payment group by 1").all())
        print(c.exec_driver_sql("select status, merchant_id, filename, failure from bulk_upload").all())
        print(c.exec_driver_sql("select queue,kind,state,error from outbox where state<>'done'").all())
    b=tenants.people.browser("acme-owner")
    for p in ("/payments/","/users/","/merchants/show/x", "/payments/x","/"):
        t=time.perf_counter()
        for _ in range(20): r=b.get(p)
        print(p, r.status_code, (time.perf_counter()-t)/20, len(r.text))
