"""On PostgreSQL, record a chunk and claim the next in one call: its plans are kept, where text is planned anew."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The same as store.chunks.record and store.chunks.claim; the engine's tests hold both to one behaviour.
FUNCTION = """
CREATE FUNCTION dynometer_record_and_claim(
    p_job bigint, p_first bigint, p_fence integer, p_run integer, p_busy double precision, p_failed integer,
    p_values text, p_errors json, p_partial json, p_node integer, p_slot integer, p_pid integer,
    p_lease double precision, p_stays boolean
) RETURNS TABLE (
    was_kept boolean, yields boolean, uncut bigint, still_open bigint,
    next_item bigint, next_count integer, next_fence integer, next_attempt integer, next_budget double precision
) LANGUAGE plpgsql AS $body$
#variable_conflict use_column
DECLARE
    v_now double precision := extract(epoch FROM clock_timestamp())::double precision;
    v_ready bigint;
BEGIN
    UPDATE chunk SET state = 'done', done_at = v_now, item_count = p_run, busy_s = p_busy, items_failed = p_failed,
           lease_until = NULL
    WHERE job_id = p_job AND first_item = p_first AND fence = p_fence AND state = 'running';
    was_kept := FOUND;
    IF was_kept THEN
        INSERT INTO chunk_result (job_id, first_item, "values", errors) VALUES (p_job, p_first, p_values, p_errors);
        IF p_partial IS NOT NULL THEN
            INSERT INTO chunk_partial (job_id, first_item, partial) VALUES (p_job, p_first, p_partial);
        END IF;
        INSERT INTO job_share AS share (job_id, node_id, slot, items_done, items_failed, chunks_done, busy_s)
        VALUES (p_job, p_node, p_slot, p_run, p_failed, 1, p_busy)
        ON CONFLICT (job_id, node_id, slot) DO UPDATE SET
            items_done = share.items_done + p_run, items_failed = share.items_failed + p_failed,
            chunks_done = share.chunks_done + 1, busy_s = share.busy_s + p_busy;
    END IF;
    yields := NOT p_stays AND EXISTS (SELECT FROM job WHERE state IN ('queued', 'running') AND id <> p_job);
    IF NOT yields THEN
        SELECT c.first_item INTO v_ready FROM chunk c
        WHERE c.job_id = p_job AND c.state = 'ready'
          AND EXISTS (SELECT FROM job j WHERE j.id = p_job AND j.state IN ('queued', 'running'))
          AND NOT EXISTS (SELECT FROM node n WHERE n.id = p_node AND n.state = 'draining')
        ORDER BY c.first_item LIMIT 1 FOR UPDATE OF c SKIP LOCKED;
        IF FOUND THEN
            UPDATE chunk c SET state = 'running', fence = c.fence + 1, attempt = c.attempt + 1, node_id = p_node,
                   slot_pid = p_pid, lease_until = v_now + p_lease
            WHERE c.job_id = p_job AND c.first_item = v_ready
            RETURNING c.first_item, c.item_count, c.fence, c.attempt, c.budget_s
            INTO next_item, next_count, next_fence, next_attempt, next_budget;
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;
    SELECT j.items_total - j.next_item INTO uncut FROM job j WHERE j.id = p_job;
    SELECT count(*) INTO still_open FROM chunk c WHERE c.job_id = p_job AND c.state IN ('ready', 'running');
    RETURN NEXT;
END
$body$
"""
SIGNATURE = (
    "bigint, bigint, integer, integer, double precision, integer, text, json, json, integer, integer, integer, "
    "double precision, boolean"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION dynometer_record_and_claim({SIGNATURE})")
