"""What a rule may call an error is shown to be one, by a proof in this folder or by a line of Celery's source."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path

import pytest

from celerylint.registry import builtin
from celerylint.rule import Rule

PROVED: dict[str, tuple[str, ...]] = {
    "argument-enum": (
        "test_changed_arguments.py::test_json_refuses_a_member_of_a_plain_enum",
        "test_changed_arguments.py::test_other_members_arrive_as_what_they_are_beside",
        "test_changed_arguments.py::test_what_arrives_has_nothing_of_a_member",
        "test_changed_arguments.py::test_what_arrives_is_equal_to_the_member_and_not_the_member",
    ),
    "argument-int-keys": ("test_changed_arguments.py::test_keys_that_are_numbers_arrive_as_strings",),
    "argument-multivalue-dict": ("test_changed_arguments.py::test_of_several_values_of_a_key_the_last_arrives",),
    "argument-pydantic": (
        "test_changed_arguments.py::test_json_refuses_a_pydantic_model_also_where_the_worker_builds_models",
        "test_changed_arguments.py::test_a_dumped_model_arrives_as_a_dict_unless_the_worker_builds_it",
    ),
    "argument-secret": ("test_changed_arguments.py::test_arguments_are_readable_in_the_headers_of_a_message",),
    "result-unserializable": (
        "test_stored_results.py::test_a_result_that_cannot_be_stored_fails_the_task_after_its_body_ran",
        "test_stored_results.py::test_a_model_instance_cannot_be_stored",
        "test_stored_results.py::test_a_pydantic_model_is_dumped_where_celery_is_told_so",
    ),
    "result-exception-opaque": (
        "test_stored_results.py::test_an_exception_is_built_again_only_from_all_that_it_takes",
    ),
    "argument-model-instance": (
        "test_argument_model_instance.py::test_json_refuses_a_django_instance_and_nothing_is_queued",
        "test_argument_model_instance.py::test_json_refuses_a_sqlalchemy_instance_and_nothing_is_queued",
        "test_argument_model_instance.py::test_json_refuses_what_holds_instances",
        "test_argument_model_instance.py::test_pickle_carries_a_stale_copy_whose_save_undoes_newer_changes",
    ),
    "argument-swapped": ("test_what_makes_a_message.py::test_swapped_arguments_are_sent_as_they_are_given",),
    "argument-unserializable": (
        "test_argument_unserializable.py::test_json_refuses_it_and_nothing_is_queued",
        "test_argument_unserializable.py::test_json_refuses_it_however_it_is_sent",
        "test_argument_unserializable.py::test_a_retry_with_such_an_argument_is_dropped_and_its_result_stays_pending",
        "test_argument_unserializable.py::test_beat_sends_an_entry_with_such_an_argument_never",
        "test_argument_unserializable.py::test_a_dict_that_looks_like_an_envelope_is_discarded_by_the_worker",
    ),
    "beat-args-not-sequence": ("test_call_arguments.py::test_beat_takes_lone_values_apart",),
    "beat-arity": (
        "test_call_arguments.py::test_beat_sends_nothing_that_does_not_fit",
        "test_call_arguments.py::test_beat_that_does_not_know_the_task_leaves_the_error_to_the_worker",
    ),
    "beat-duplicate": (
        "test_beat_duplicate.py::test_a_key_written_twice_keeps_the_second_entry",
        "test_beat_duplicate.py::test_entries_whose_schedules_meet_send_two_messages_then",
        "test_beat_duplicate.py::test_an_equal_signature_without_a_name_replaces_the_first",
    ),
    "beat-task-called": ("test_canvas_members.py::test_beat_gets_no_task_from_a_task_that_was_sent",),
    "beat-task-unknown": (
        "test_call_task_unknown.py::test_beat_sends_a_name_that_nobody_registers_and_the_worker_drops_it",
        "test_call_task_unknown.py::test_a_function_without_decorator_is_not_registered",
    ),
    "call-apply-async-positional": ("test_call_arguments.py::test_a_lone_value_for_args_raises_in_the_call",),
    "call-args-not-sequence": (
        "test_call_arguments.py::test_a_lone_value_for_args_raises_in_the_call",
        "test_call_arguments.py::test_a_signature_takes_a_text_apart",
        "test_call_arguments.py::test_what_is_empty_is_no_argument",
    ),
    "call-arity": (
        "test_call_arguments.py::test_the_call_itself_raises_and_nothing_is_queued",
        "test_call_arguments.py::test_a_signature_never_checks_by_itself",
        "test_call_arguments.py::test_where_the_caller_cannot_check_the_worker_fails",
        "test_call_arguments.py::test_strict_typing_of_the_app_is_the_default_of_its_tasks",
        "test_call_arguments.py::test_apply_keeps_the_error_in_its_result",
    ),
    "call-beyond-visibility": (
        "test_call_beyond_visibility.py::test_redis_runs_it_again_with_one_worker",
        "test_call_beyond_visibility.py::test_the_worker_holds_it_unacknowledged_until_its_time_has_come",
    ),
    "call-builtin-argument": (
        "test_what_makes_a_message.py::test_a_builtin_cannot_be_encoded_and_its_text_is_sent_as_it_is",
    ),
    "call-eta-and-countdown": ("test_call_arguments.py::test_the_countdown_wins_over_the_eta",),
    "call-eta-naive": (
        "test_call_arguments.py::test_a_date_without_a_zone_is_read_as_utc_whatever_the_app_says",
        "test_call_arguments.py::test_a_message_that_expires_by_a_clock_west_of_greenwich_is_revoked_at_once",
    ),
    "call-expires-early": ("test_call_arguments.py::test_what_expires_before_its_countdown_ends_is_never_run",),
    "call-inside-transaction": (
        "test_call_inside_transaction.py::test_the_worker_does_not_find_the_row_before_the_commit",
        "test_call_inside_transaction.py::test_the_worker_finds_a_changed_row_as_it_was",
        "test_call_inside_transaction.py::test_the_message_stays_when_the_transaction_is_rolled_back",
        "test_call_inside_transaction.py::test_deletions_and_relations_signal_inside_a_transaction",
        "test_call_inside_transaction.py::test_a_save_signals_inside_a_transaction_only_when_someone_holds_one",
        "test_call_inside_transaction.py::test_a_sqlalchemy_block_is_seen_only_when_it_is_over",
    ),
    "call-not-a-task": ("test_what_makes_a_message.py::test_a_plain_function_has_no_method_of_a_task",),
    "call-not-sent": ("test_what_makes_a_message.py::test_what_is_built_and_dropped_is_not_sent",),
    "call-on-result": ("test_what_makes_a_message.py::test_a_called_task_runs_and_its_result_cannot_be_sent",),
    "call-option-to-delay": ("test_call_arguments.py::test_delay_sends_an_option_as_an_argument",),
    "call-option-type": (
        "test_call_arguments.py::test_an_option_of_a_wrong_type_raises_in_the_call",
        "test_call_arguments.py::test_a_timedelta_on_the_decorator_fails_every_call",
    ),
    "call-option-unknown": ("test_call_arguments.py::test_an_unknown_option_changes_nothing_but_a_property",),
    "call-retry-policy-invalid": ("test_call_arguments.py::test_an_unknown_key_of_the_policy_fails_every_call",),
    "call-send-task-plain": (
        "test_what_makes_a_message.py::test_send_task_leaves_out_what_the_task_declares_for_its_messages",
    ),
    "call-synchronous": ("test_what_makes_a_message.py::test_a_called_task_runs_in_place_and_sends_nothing",),
    "call-task-id-invalid": (
        "test_call_task_id_invalid.py::test_a_result_under_an_id_that_is_no_string_is_neither_stored_nor_read",
        "test_call_task_id_invalid.py::test_messages_of_one_id_share_one_result",
        "test_call_task_id_invalid.py::test_revoking_one_of_them_revokes_all",
    ),
    "call-task-unknown": (
        "test_call_task_unknown.py::test_the_sender_notices_nothing_and_the_worker_drops_the_message",
        "test_call_task_unknown.py::test_a_name_in_a_signature_is_not_looked_up_either",
        "test_call_task_unknown.py::test_a_lookup_among_the_tasks_fails_in_the_sender",
        "test_call_task_unknown.py::test_a_module_without_the_task_fails_in_the_sender",
    ),
    "canvas-arity": (
        "test_canvas_arguments.py::test_a_step_without_room_for_the_result_marks_the_task_before_it_as_failed",
        "test_canvas_arguments.py::test_a_keyword_that_names_the_first_free_parameter_gives_it_twice",
        "test_canvas_arguments.py::test_a_step_that_still_lacks_a_parameter_never_runs",
        "test_canvas_arguments.py::test_an_immutable_signature_ignores_the_result",
        "test_canvas_arguments.py::test_a_callback_without_room_for_the_result_marks_its_task_as_failed",
        "test_canvas_arguments.py::test_the_body_of_a_chord_without_room_for_the_list_fails",
        "test_canvas_arguments.py::test_what_a_task_before_it_does_not_return_moves_the_arguments_by_one",
    ),
    "canvas-chord-ignores-result": (
        "test_canvas_chords.py::test_a_counting_backend_times_out_on_a_header_that_ignores_its_result",
        "test_canvas_chords.py::test_a_polling_backend_waits_for_ever_for_a_header_that_ignores_its_result",
        "test_canvas_chords.py::test_redis_is_content_with_a_header_that_ignores_its_result",
    ),
    "canvas-chord-without-backend": (
        "test_canvas_chords.py::test_a_backend_without_chords_refuses_every_form_of_them",
        "test_canvas_chords.py::test_a_group_that_replaces_a_task_needs_a_backend_too",
    ),
    "canvas-empty": ("test_canvas_chords.py::test_a_chain_without_tasks_gives_none",),
    "canvas-errback-signature": (
        "test_canvas_arguments.py::test_an_errback_that_does_not_fit_hides_the_error",
        "test_canvas_arguments.py::test_an_errback_that_fits_is_called",
    ),
    "canvas-generator": ("test_canvas_chords.py::test_a_generator_that_is_used_up_gives_an_empty_group",),
    "canvas-group-link": (
        "test_canvas_chords.py::test_groups_and_chords_refuse_callbacks_when_they_are_sent",
        "test_canvas_chords.py::test_a_callback_of_a_group_belongs_to_its_first_task",
        "test_canvas_chords.py::test_a_keyword_for_a_group_is_an_option",
    ),
    "canvas-group-of-one": ("test_canvas_chords.py::test_a_chain_unrolls_a_group_of_one_and_a_chord_does_not",),
    "canvas-immutable-args": (
        "test_canvas_arguments.py::test_an_immutable_signature_drops_what_it_is_sent_with",
        "test_canvas_arguments.py::test_a_chain_that_begins_with_an_immutable_signature_drops_what_it_is_sent_with",
    ),
    "canvas-map-serial": ("test_canvas_chords.py::test_map_runs_all_items_in_one_task",),
    "canvas-member-called": (
        "test_canvas_members.py::test_a_task_that_is_sent_too_early_has_been_sent_when_the_canvas_fails",
        "test_canvas_members.py::test_a_task_that_is_called_has_run_when_the_canvas_fails",
        "test_canvas_members.py::test_a_callback_that_is_sent_cannot_be_attached",
        "test_canvas_members.py::test_a_chord_that_is_called_inside_a_chain_is_sent_at_once",
    ),
    "canvas-member-not-signature": (
        "test_canvas_members.py::test_a_task_itself_is_no_signature",
        "test_canvas_members.py::test_a_task_itself_is_no_callback",
        "test_canvas_members.py::test_the_header_of_a_chord_takes_tasks",
        "test_canvas_members.py::test_a_header_that_is_spread_loses_its_second_task_to_the_body",
    ),
    "canvas-replace-raised": (
        "test_canvas_unsent.py::test_in_eager_mode_replace_gives_a_result_that_cannot_be_raised",
    ),
    "canvas-signature-mutated": (
        "test_canvas_arguments.py::test_set_changes_the_signature_itself_and_link_adds_to_it",
        "test_canvas_arguments.py::test_the_first_positional_parameter_of_set_is_immutable",
    ),
    "canvas-unsent": (
        "test_canvas_unsent.py::test_a_canvas_that_a_task_returns_is_stored_and_not_sent",
        "test_canvas_unsent.py::test_a_canvas_that_replaces_the_task_runs",
        "test_canvas_unsent.py::test_link_error_gives_the_errback",
    ),
    "commit-before-save": ("test_commit_rules.py::test_before_the_row_is_saved_its_key_is_none",),
    "commit-called": (
        "test_commit_rules.py::test_calling_delay_sends_at_once_and_its_result_is_refused",
        "test_commit_rules.py::test_calling_the_task_runs_it_at_once",
    ),
    "commit-late-binding": (
        "test_commit_rules.py::test_lambdas_of_a_loop_send_its_last_value",
        "test_commit_rules.py::test_a_deleted_row_has_lost_its_key_at_the_commit",
    ),
    "commit-result-used": ("test_commit_rules.py::test_delay_on_commit_returns_none",),
    "commit-signature": (
        "test_commit_rules.py::test_a_signature_runs_in_the_caller_and_a_lambda_around_it_does_nothing",
    ),
    "commit-unavailable": (
        "test_commit_rules.py::test_a_task_class_of_ones_own_has_no_delay_on_commit",
        "test_commit_rules.py::test_the_fixup_makes_the_class_when_the_settings_are_known_before",
    ),
    "commit-wrong-database": ("test_commit_rules.py::test_on_commit_does_not_wait_for_another_database",),
    "limit-missing": (
        "test_limit_missing.py::test_celery_has_no_default_limit",
        "test_limit_missing.py::test_a_call_that_never_returns_holds_its_slot",
        "test_limit_missing.py::test_a_layer_of_the_task_limits_its_messages",
        "test_limit_missing.py::test_a_layer_of_the_worker_limits_what_has_no_limit_of_its_own",
    ),
    "result-ignored-used": (
        "test_results.py::test_an_ignored_result_is_none_at_once_and_never_ready",
        "test_results.py::test_a_call_can_ignore_its_result_too",
        "test_results.py::test_a_call_can_keep_the_result_of_a_task_that_ignores_it",
        "test_results.py::test_an_eager_test_sees_the_value_that_production_never_gives",
    ),
    "result-never-expires": (
        "test_results.py::test_only_beat_deletes_old_results_where_the_store_does_not",
        "test_results.py::test_redis_keeps_for_ever_what_is_said_not_to_expire",
    ),
    "result-rpc-elsewhere": ("test_results.py::test_rpc_answers_only_the_sender",),
    "result-unused": ("test_results.py::test_every_run_of_a_task_writes_a_result_that_stays_unless_it_is_ignored",),
    "result-used-as-value": (
        "test_results.py::test_a_result_object_is_no_value",
        "test_results.py::test_no_web_framework_encodes_a_result_object",
        "test_results.py::test_a_test_of_a_result_object_is_always_true_and_a_comparison_never",
        "test_results.py::test_get_with_a_key_takes_the_key_for_a_timeout",
    ),
    "result-wait-deadlock": (
        "test_results.py::test_a_task_that_waits_keeps_the_slot_that_the_other_needs",
        "test_results.py::test_a_second_slot_lets_one_wait_succeed",
    ),
    "result-wait-forever": ("test_results.py::test_a_wait_without_a_timeout_does_not_end_by_itself",),
    "result-wait-in-task": (
        "test_results.py::test_a_worker_refuses_to_wait_inside_a_task",
        "test_results.py::test_what_was_to_be_waited_for_is_sent_all_the_same",
        "test_results.py::test_a_chain_passes_the_value_on",
    ),
    "result-without-backend": ("test_results.py::test_without_a_backend_every_question_raises",),
    "retry-args-mismatch": (
        "test_call_arguments.py::test_a_retry_that_does_not_fit_is_lost",
        "test_call_arguments.py::test_args_alone_leave_the_keywords_of_the_run",
    ),
    "retry-on-any-exception": (
        "test_retry_on_any_exception.py::test_every_cause_is_retried",
        "test_retry_on_any_exception.py::test_the_soft_time_limit_of_a_prefork_worker_starts_the_task_again",
        "test_retry_on_any_exception.py::test_an_order_to_exit_is_swallowed_by_base_exception_and_by_its_own_class",
    ),
    "serializer-pickle": (
        "test_serializer_pickle.py::test_a_worker_that_accepts_pickle_runs_the_senders_code",
        "test_serializer_pickle.py::test_a_worker_that_does_not_accept_pickle_discards_it_unread",
        "test_serializer_pickle.py::test_accepting_pickle_for_one_task_accepts_it_for_all",
    ),
    "task-attribute-unknown": (
        "test_what_makes_a_message.py::test_a_task_has_only_what_a_task_has",
        "test_what_makes_a_message.py::test_an_option_of_the_decorator_is_an_attribute_of_the_task",
        "test_what_makes_a_message.py::test_a_decorator_that_retries_what_it_wraps_hides_the_failure_by_another",
    ),
    "task-bind-without-self": (
        "test_task_bind_without_self.py::test_a_task_without_parameters_fails_on_every_call",
        "test_task_bind_without_self.py::test_what_the_function_declares_is_one_argument_too_many",
        "test_task_bind_without_self.py::test_where_the_caller_cannot_compare_the_worker_fails",
        "test_task_bind_without_self.py::test_the_first_parameter_gets_the_task",
    ),
    "task-effect-unguarded": (
        "test_task_effect_unguarded.py::test_a_retry_repeats_what_comes_before_the_failure_and_nothing_after_it",
        "test_task_effect_unguarded.py::test_acks_late_repeats_the_effect_when_the_worker_dies_in_the_middle",
    ),
    "task-unrouted": (
        "test_task_unrouted.py::test_an_unrouted_task_waits_in_a_queue_that_nobody_consumes_without_any_error",
        "test_task_unrouted.py::test_the_default_queue_moves_them_to_where_a_worker_listens",
    ),
}
"""Rule: the tests that prove what it says, as ``module::function``. Rules that only warn are welcome here too."""

CITED: dict[str, str] = {}
"""Rule: the line of Celery's source, one of its ``sources``, that stands in for a proof which no test can give."""

NOT_ABOUT_CELERY = {
    "suppression-unknown-rule": "speaks of celerylint's own comments",
}
"""Rule: why there is nothing of Celery's to prove."""


def errors() -> list[type[Rule]]:
    """The rules that call something an error: always, or for some of their findings."""
    return [rule for rule in builtin() if rule.severity == "error" or _grades_up(rule)]


def _grades_up(rule: type[Rule]) -> bool:
    """Whether the word ``"error"`` stands anywhere in the code of the rule's module."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(rule) or rule))
    return any(isinstance(node, ast.Constant) and node.value == "error" for node in ast.walk(tree))


@cache
def proofs() -> frozenset[str]:
    """Every test function of this folder, as ``module::function``."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.name}::{node.name}")
    return frozenset(found)


def cited_text(source: str) -> str:
    """The name that a source such as ``celery/app/task.py: Task.retry`` cites, looked up in what is installed; raises
    LookupError when it is not there."""
    path, _, name = source.partition(": ")
    package, _, inside = path.partition("/")
    if package not in ("celery", "kombu", "billiard", "vine") or not path.endswith(".py") or not name:
        raise LookupError(f"{source!r} names no line of Celery's source")
    file = Path(str(importlib.import_module(package).__file__)).parent / inside
    last = name.rpartition(".")[2]
    if not file.is_file() or last not in file.read_text("utf-8"):
        raise LookupError(f"{source!r} is not in the installed {package}")
    return last


@pytest.mark.parametrize("rule", errors(), ids=lambda rule: rule.slug)
def test_every_rule_that_reports_errors_is_proved_or_cites_celery(rule: type[Rule]) -> None:
    places = [rule.slug in table for table in (PROVED, CITED, NOT_ABOUT_CELERY)]
    assert sum(places) == 1, f"{rule.slug} reports errors: write a proof and name it in PROVED, or the source in CITED"


@pytest.mark.parametrize("slug", sorted(PROVED))
def test_the_named_proofs_exist(slug: str) -> None:
    assert PROVED[slug]
    assert set(PROVED[slug]) <= proofs()


def test_the_tables_name_rules_that_exist() -> None:
    assert {*PROVED, *CITED, *NOT_ABOUT_CELERY} <= {rule.slug for rule in builtin()}


def test_what_stands_in_for_a_proof_is_a_source_of_the_rule() -> None:
    sources = {rule.slug: rule.sources for rule in builtin()}
    for slug, source in CITED.items():
        assert source in sources[slug]


@pytest.mark.parametrize("rule", builtin(), ids=lambda rule: rule.slug)
def test_the_lines_of_source_that_a_rule_names_exist(rule: type[Rule]) -> None:
    for source in rule.sources:
        if not source.startswith(("http://", "https://", "PEP ")) and source.split("/")[0] in ("celery", "kombu"):
            assert cited_text(source)


@pytest.mark.parametrize("source", [
    "celery/app/task.py: Task.no_such_name", "celery/no/such.py: Task", "celery/app/task.py",
    "https://docs.celeryq.dev/", "os/path.py: join",
])  # fmt: skip
def test_a_source_that_is_not_there_is_found_out(source: str) -> None:
    with pytest.raises(LookupError):
        cited_text(source)
