"""From a plan to an invoice: python3 journey.py ADDRESS OPERATOR_KEY"""

import sys
import uuid

from isphost import Client, Refused

VERSION = "2026-11-01"


def main(address, key):
    code = f"py-{uuid.uuid4().hex[:8]}"
    operator = Client(address, key, version=VERSION)
    operator.post("tenants", {"code": code, "currency": "EUR", "zone": "Europe/Athens", "country": "GR"})
    # A clock of the tenant's own lets a month end at once.
    operator.put(f"tenants/{code}/clock", {"now": "2026-10-01T09:00:00Z"})

    as_tenant = Client(address, key, tenant=code, version=VERSION)
    own = as_tenant.post("api-keys", {"name": "journey", "scopes": ["all"]})
    isp = Client(address, own["key"])

    try:
        isp.post("plans", {"code": "Home", "name": "", "network": {"up": 10}, "price": {"recuring": "24.90"}})
    except Refused as refusal:
        print("refused:", ", ".join(sorted(refusal.errors)))
    isp.post("plans", {
        "code": "home", "name": "Home 100", "network": {"up": 20_000_000, "down": 100_000_000},
        "price": {"recurring": {"amount": "24.90", "currency": "EUR"}},
    })

    for number in range(5):
        customer = isp.post("customers", {"name": f"Customer {number}", "country": "GR"})
        isp.post("subscriptions", {
            "customer": customer["id"], "plan": "home", "user_name": f"user-{number}@{code}", "password": uuid.uuid4().hex,
        })
    customers = list(isp.items("customers", limit=2))
    print("customers:", len(customers))

    first = customers[0]
    print("changed:", isp.patch(f"customers/{first['id']}", {"email": "first@example.com"})["email"])
    assert isp.get(f"customers/{first['id']}") == isp.get(f"customers/{first['id']}")

    operator.put(f"tenants/{code}/clock", {"now": "2026-11-02T09:00:00Z"})
    run = isp.post("bill-runs", {"period": "2026-10"}, wait=20)
    while run["state"] != "done":
        run = isp.get("bill-runs/2026-10")
    for invoice in isp.items("invoices", period="2026-10", sort="issued", limit=2):
        print("invoice:", invoice["number"], invoice["total"]["amount"], invoice["total"]["currency"])
    document = isp.get(f"invoices/{invoice['id']}/pdf")
    print("document:", len(document) > 1000 and document[:5].decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
