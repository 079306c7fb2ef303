-- No row of a sync can join two people.
ALTER TABLE integrations_syncrun ADD CONSTRAINT run_connection
    FOREIGN KEY (user_id, connection_id) REFERENCES integrations_connection (user_id, id) ON DELETE CASCADE;
ALTER TABLE integrations_remoteitem ADD CONSTRAINT remote_item_connection
    FOREIGN KEY (user_id, connection_id) REFERENCES integrations_connection (user_id, id) ON DELETE CASCADE;
ALTER TABLE integrations_syncchange ADD CONSTRAINT change_run
    FOREIGN KEY (user_id, run_id) REFERENCES integrations_syncrun (user_id, id) ON DELETE CASCADE;
ALTER TABLE integrations_connectsession ADD CONSTRAINT session_connection
    FOREIGN KEY (user_id, connection_id) REFERENCES integrations_connection (user_id, id) ON DELETE CASCADE;
