//! Which rules there are. Whoever includes this has a macro `rules` that makes tests of them.

rules!(leases:
    a_put_without_uid_creates_a_missing_lease
    a_put_with_a_uid_never_creates_one
    a_put_needs_the_version_of_what_exists
    a_stale_version_is_a_conflict
    another_uid_is_a_conflict
    a_put_that_changes_nothing_makes_no_new_version
    a_post_creates_once
    times_have_exactly_six_digits
    times_are_served_in_utc
    numbers_are_checked
    odd_specs_are_accepted
);
rules!(rules:
    versions_come_from_one_counter
    other_resources_are_not_created_by_put
    an_update_without_a_version_is_unconditional_elsewhere
    a_merge_patch_changes_what_it_names
    a_delete_obeys_its_preconditions
    lists_are_selected_by_name_label_and_namespace
    what_is_unknown_is_a_404_and_what_is_unsupported_a_405
    a_body_that_is_no_json_is_a_400
    a_watch_tells_what_is_there_and_what_changes
    a_watch_from_a_version_tells_only_what_came_after
);
