-- Roles and row-level security.
--
-- The login user owns the tables and switches to one of two roles inside each transaction: patchbay_app sees the
-- rows of the tenant named in app.tenant_id, patchbay_system sees all. FORCE makes the owner subject to the
-- policies too, so a statement that forgot to switch sees nothing.

-- Roles belong to the whole cluster: another database may be creating them at this very moment. Whoever comes
-- second waits and then finds the name taken; two grants at once fail with an internal error and are tried again.
DO $$
DECLARE
    wanted text;
    tries int;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['patchbay_app', 'patchbay_system'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), wanted);
        -- Before PostgreSQL 16 membership is all there is to ask for; since then it may come without SET.
        CONTINUE WHEN pg_has_role(
            current_user, wanted,
            CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END);
        FOR tries IN 1..50 LOOP
            BEGIN
                IF current_setting('server_version_num')::int >= 160000 THEN
                    -- Without INHERIT the login user has none of the role's rights until it switches.
                    EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', wanted);
                ELSE
                    EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
                END IF;
                EXIT;
            EXCEPTION
                WHEN internal_error OR unique_violation OR serialization_failure THEN
                    IF tries = 50 THEN RAISE; END IF;
                    PERFORM pg_sleep(0.02 * tries);
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the database user % may not switch to the role %: run GRANT % TO % as an administrator',
                        current_user, wanted, wanted, current_user;
            END;
        END LOOP;
    END LOOP;
END
$$;

-- Tenant tables: both roles, told apart by policy.
DO $$
DECLARE
    tenant_table text;
    tenant_column text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'tenants', 'memberships', 'flows', 'connections', 'grants', 'revocations', 'sync_runs', 'sync_windows',
        'records', 'audit', 'events', 'data_keys'
    ] LOOP
        tenant_column := CASE tenant_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO patchbay_app
             USING (%I = current_setting(''app.tenant_id'', true))
             WITH CHECK (%I = current_setting(''app.tenant_id'', true))',
            tenant_table, tenant_column, tenant_column);
        EXECUTE format(
            'CREATE POLICY all_tenants ON %I TO patchbay_system USING (true) WITH CHECK (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO patchbay_app, patchbay_system', tenant_table);
    END LOOP;
END
$$;

-- Records can be deleted with their connection; nothing else is deleted.
GRANT DELETE ON records TO patchbay_app, patchbay_system;
-- Audit and events are only ever added to.
REVOKE UPDATE ON audit, events FROM patchbay_app, patchbay_system;
-- A tenant does not create or rename itself.
REVOKE INSERT, UPDATE ON tenants FROM patchbay_app;

-- Company tables: the system role alone.
GRANT SELECT, INSERT, UPDATE ON
    deployment, people, sessions, provider_apps, sync_turns, verifications, evidence, status_events
    TO patchbay_system;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO patchbay_app, patchbay_system', current_schema());
END
$$;
