-- The person's version of the graph: their last refresh, and how much the dirty log has grown since. A count and a maximum of an
-- append-only log see every commit, late ones too; nothing here depends on the size of the graph.
SELECT coalesce((SELECT refresh_id FROM graph_epochs WHERE user_id = %(user)s), 0)
       || '.' || count(*) || '.' || coalesce(max(id), 0) || %(shape)s AS tag
FROM graph_dirty_log WHERE user_id = %(user)s
