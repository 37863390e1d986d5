//! Candidates whose write is under way, and one on probation.
//!
//! rule 7: a create is followed by a POST after 404 or 405 only; a 200 is reported

table! {
    taking_over:
    acquire: Acquire => "wake 18510",
    a_foreign_record: FoundForeign => "wake 18304",
    a_record_of_ours: FoundOurs => "wake 18304",
    a_404: Absent => "GET 10; wake 18515",
    a_200_to_a_write: Written => "leading 90 until 26010; wake in a tick",
    a_201: Created => "leading 90 until 26010; wake in a tick",
    a_conflict: Conflict => "GET 10; wake 18515",
    a_405: MethodNotAllowed => "wake 18304",
    a_403: Refused => "failed: Refused { verb: Update, refusal: Forbidden }",
    a_429: Rejected => "notice Failing { verb: Update, setback: Rejected }; wake 21015",
    a_lost_answer: Unknown => "notice Failing { verb: Update, setback: Unknown }; wake 18304",
    a_foreign_record_in_the_watch: ForeignEvent => "drop 9; wake 20015",
    a_new_label_in_the_watch: RelabelledEvent => "drop 9; update 10 onto 90; wake 18515",
    a_deletion_in_the_watch: DeletedEvent => "GET 10; wake 18515",
    a_step_down: StepDown => "wake 18510",
    a_stop: Stop => "withdrawn; drop 9",
    its_wake_up: Wake => "update 10 onto 5; wake 21010",
}

table! {
    creating:
    acquire: Acquire => "wake 3510",
    a_foreign_record: FoundForeign => "wake 3427",
    a_record_of_ours: FoundOurs => "wake 3427",
    a_404: Absent => "create 2 by Post; wake 3515",
    a_200_to_a_write: Written => "notice CreateOverwrote; GET 2; wake 3515",
    a_201: Created => "leading 90 until 11010; wake in a tick",
    a_conflict: Conflict => "GET 2; wake 3515",
    a_405: MethodNotAllowed => "create 2 by Post; wake 3515",
    a_403: Refused => "failed: Refused { verb: Create, refusal: Forbidden }",
    a_429: Rejected => "notice Failing { verb: Create, setback: Rejected }; wake 6015",
    a_lost_answer: Unknown => "notice Failing { verb: Create, setback: Unknown }; wake 3427",
    a_foreign_record_in_the_watch: ForeignEvent => "following other; drop 1; wake in a tick",
    a_new_label_in_the_watch: RelabelledEvent => "following other; drop 1; wake in a tick",
    a_deletion_in_the_watch: DeletedEvent => "GET 2; wake 3515",
    a_step_down: StepDown => "wake 3510",
    a_stop: Stop => "withdrawn; drop 1",
    its_wake_up: Wake => "create 2 by Put; wake 6010",
}

table! {
    on_probation:
    acquire: Acquire => "wake in a tick",
    a_foreign_record: FoundForeign => "wake in a tick",
    a_record_of_ours: FoundOurs => "wake in a tick",
    a_404: Absent => "wake in a tick",
    a_200_to_a_write: Written => "wake in a tick",
    a_201: Created => "wake in a tick",
    a_conflict: Conflict => "wake in a tick",
    a_405: MethodNotAllowed => "wake in a tick",
    a_403: Refused => "wake in a tick",
    a_429: Rejected => "wake in a tick",
    a_lost_answer: Unknown => "wake in a tick",
    a_foreign_record_in_the_watch: ForeignEvent => "following other; GET 2; wake 3525",
    a_new_label_in_the_watch: RelabelledEvent => "wake in a tick",
    a_deletion_in_the_watch: DeletedEvent => "GET 2; wake 3525",
    a_step_down: StepDown => "withdrawn",
    a_stop: Stop => "withdrawn",
    its_wake_up: Wake => "update 2 onto 7; wake 5510",
}

table! {
    withdrawing:
    acquire: Acquire => "wake 18510",
    a_foreign_record: FoundForeign => "withdrawn",
    a_record_of_ours: FoundOurs => "withdrawn",
    a_404: Absent => "withdrawn",
    a_200_to_a_write: Written => "free 10 onto 90; wake 17522",
    a_201: Created => "free 10 onto 90; wake 17522",
    a_conflict: Conflict => "withdrawn",
    a_405: MethodNotAllowed => "withdrawn",
    a_403: Refused => "withdrawn",
    a_429: Rejected => "withdrawn",
    a_lost_answer: Unknown => "GET 10; wake 17522",
    a_foreign_record_in_the_watch: ForeignEvent => "withdrawn; drop 9",
    a_new_label_in_the_watch: RelabelledEvent => "withdrawn; drop 9",
    a_deletion_in_the_watch: DeletedEvent => "wake 18510",
    a_step_down: StepDown => "wake 18510",
    a_stop: Stop => "still held until 31010; drop 9",
    its_wake_up: Wake => "GET 10; wake 19020",
}
