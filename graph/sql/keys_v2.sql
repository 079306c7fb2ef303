-- Keys of two columns for the tables that came with the nine layers.
ALTER TABLE graph_prediction_scores ADD CONSTRAINT graph_prediction_scores_series_id_of_user FOREIGN KEY (user_id, series_id)
    REFERENCES graph_series (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_signatures ADD CONSTRAINT graph_signatures_memory_id_of_user FOREIGN KEY (user_id, memory_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_sightings ADD CONSTRAINT graph_sightings_memory_id_of_user FOREIGN KEY (user_id, memory_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_sightings ADD CONSTRAINT graph_sightings_entity_id_of_user FOREIGN KEY (user_id, entity_id)
    REFERENCES normalized_entities (user_id, id) ON DELETE CASCADE;
