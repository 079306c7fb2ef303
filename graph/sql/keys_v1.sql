-- Keys of two columns: a row can only point at rows of the same person. The database cascades.

ALTER TABLE normalized_entities ADD CONSTRAINT normalized_entities_canonical_id_of_user FOREIGN KEY (user_id, canonical_id)
    REFERENCES normalized_entities (user_id, id) ON DELETE SET NULL (canonical_id);
ALTER TABLE graph_entities ADD CONSTRAINT graph_entities_id_of_user FOREIGN KEY (user_id, id)
    REFERENCES normalized_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_entity_events ADD CONSTRAINT graph_entity_events_entity_id_of_user FOREIGN KEY (user_id, entity_id)
    REFERENCES normalized_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_entity_events ADD CONSTRAINT graph_entity_events_other_id_of_user FOREIGN KEY (user_id, other_id)
    REFERENCES normalized_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE entity_matches ADD CONSTRAINT entity_matches_memory_id_of_user FOREIGN KEY (user_id, memory_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
ALTER TABLE entity_matches ADD CONSTRAINT entity_matches_entity_id_of_user FOREIGN KEY (user_id, entity_id)
    REFERENCES normalized_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE entity_ties ADD CONSTRAINT entity_ties_a_id_of_user FOREIGN KEY (user_id, a_id)
    REFERENCES graph_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE entity_ties ADD CONSTRAINT entity_ties_b_id_of_user FOREIGN KEY (user_id, b_id)
    REFERENCES graph_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_series ADD CONSTRAINT graph_series_entity_a_id_of_user FOREIGN KEY (user_id, entity_a_id)
    REFERENCES graph_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE graph_series ADD CONSTRAINT graph_series_entity_b_id_of_user FOREIGN KEY (user_id, entity_b_id)
    REFERENCES graph_entities (user_id, id) ON DELETE CASCADE;
ALTER TABLE temporal_patterns ADD CONSTRAINT temporal_patterns_series_id_of_user FOREIGN KEY (user_id, series_id)
    REFERENCES graph_series (user_id, id) ON DELETE CASCADE;
ALTER TABLE seasonal_patterns ADD CONSTRAINT seasonal_patterns_series_id_of_user FOREIGN KEY (user_id, series_id)
    REFERENCES graph_series (user_id, id) ON DELETE CASCADE;
ALTER TABLE predicted_relationships ADD CONSTRAINT predicted_relationships_series_id_of_user FOREIGN KEY (user_id, series_id)
    REFERENCES graph_series (user_id, id) ON DELETE CASCADE;
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_source_event_id_of_user FOREIGN KEY (user_id, source_event_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_target_event_id_of_user FOREIGN KEY (user_id, target_event_id)
    REFERENCES memories_memory (user_id, id) ON DELETE CASCADE;
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_temporal_pattern_id_of_user FOREIGN KEY (user_id, temporal_pattern_id)
    REFERENCES temporal_patterns (user_id, id) ON DELETE SET NULL (temporal_pattern_id);
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_seasonal_pattern_id_of_user FOREIGN KEY (user_id, seasonal_pattern_id)
    REFERENCES seasonal_patterns (user_id, id) ON DELETE SET NULL (seasonal_pattern_id);
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_pattern_id_of_user FOREIGN KEY (user_id, pattern_id)
    REFERENCES relationship_patterns (user_id, id) ON DELETE SET NULL (pattern_id);
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_cross_platform_id_of_user FOREIGN KEY (user_id, cross_platform_id)
    REFERENCES cross_platform_relationships (user_id, id) ON DELETE SET NULL (cross_platform_id);
ALTER TABLE relationship_instances ADD CONSTRAINT relationship_instances_predicted_relationship_id_of_user FOREIGN KEY (user_id, predicted_relationship_id)
    REFERENCES predicted_relationships (user_id, id) ON DELETE SET NULL (predicted_relationship_id);
ALTER TABLE causal_relationships ADD CONSTRAINT causal_relationships_relationship_id_of_user FOREIGN KEY (user_id, relationship_id)
    REFERENCES relationship_instances (user_id, id) ON DELETE CASCADE;
ALTER TABLE root_cause_analyses ADD CONSTRAINT root_cause_analyses_relationship_id_of_user FOREIGN KEY (user_id, relationship_id)
    REFERENCES relationship_instances (user_id, id) ON DELETE CASCADE;
ALTER TABLE duplicate_transactions ADD CONSTRAINT duplicate_transactions_relationship_id_of_user FOREIGN KEY (user_id, relationship_id)
    REFERENCES relationship_instances (user_id, id) ON DELETE CASCADE;
