select host.share('billing.recent_run', 'Which tenant has which run: identities alone, for the operator''s list of all tenants'' runs.');
