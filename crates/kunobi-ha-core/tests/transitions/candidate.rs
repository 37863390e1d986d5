//! Candidates that only read.

table! {
    idle:
    acquire: Acquire => "following nobody; GET 0; wake 2505",
    a_foreign_record: FoundForeign => "nothing",
    a_record_of_ours: FoundOurs => "nothing",
    a_404: Absent => "nothing",
    a_200_to_a_write: Written => "nothing",
    a_201: Created => "nothing",
    a_conflict: Conflict => "nothing",
    a_405: MethodNotAllowed => "nothing",
    a_403: Refused => "nothing",
    a_429: Rejected => "nothing",
    a_lost_answer: Unknown => "nothing",
    a_foreign_record_in_the_watch: ForeignEvent => "nothing",
    a_new_label_in_the_watch: RelabelledEvent => "nothing",
    a_deletion_in_the_watch: DeletedEvent => "nothing",
    a_step_down: StepDown => "release: NotHeld",
    a_stop: Stop => "nothing",
    its_wake_up: Wake => "nothing",
}

table! {
    cooling_down:
    acquire: Acquire => "wake 7020",
    a_foreign_record: FoundForeign => "wake 7020",
    a_record_of_ours: FoundOurs => "wake 7020",
    a_404: Absent => "wake 7020",
    a_200_to_a_write: Written => "wake 7020",
    a_201: Created => "wake 7020",
    a_conflict: Conflict => "wake 7020",
    a_405: MethodNotAllowed => "wake 7020",
    a_403: Refused => "wake 7020",
    a_429: Rejected => "wake 7020",
    a_lost_answer: Unknown => "wake 7020",
    a_foreign_record_in_the_watch: ForeignEvent => "following other; wake in a tick",
    a_new_label_in_the_watch: RelabelledEvent => "following other; wake in a tick",
    a_deletion_in_the_watch: DeletedEvent => "wake 7020",
    a_step_down: StepDown => "withdrawn",
    a_stop: Stop => "withdrawn",
    its_wake_up: Wake => "GET 3; wake 9520",
}

table! {
    contending_without_a_view:
    acquire: Acquire => "wake 3500",
    a_foreign_record: FoundForeign => "following other; wake in a tick",
    a_record_of_ours: FoundOurs => "update 1 onto 90; wake 3505",
    a_404: Absent => "create 1 by Put; wake 3505",
    a_200_to_a_write: Written => "wake in a tick",
    a_201: Created => "wake in a tick",
    a_conflict: Conflict => "wake in a tick",
    a_405: MethodNotAllowed => "wake in a tick",
    a_403: Refused => "failed: Refused { verb: Get, refusal: Forbidden }",
    a_429: Rejected => "notice Failing { verb: Get, setback: Rejected }; wake 6005",
    a_lost_answer: Unknown => "notice Failing { verb: Get, setback: Unknown }; wake in a tick",
    a_foreign_record_in_the_watch: ForeignEvent => "following other; wake 3500",
    a_new_label_in_the_watch: RelabelledEvent => "following other; wake 3500",
    a_deletion_in_the_watch: DeletedEvent => "wake 3500",
    a_step_down: StepDown => "withdrawn; drop 0",
    a_stop: Stop => "withdrawn; drop 0",
    its_wake_up: Wake => "GET 1; wake 6000",
}

table! {
    following:
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
    a_foreign_record_in_the_watch: ForeignEvent => "wake 5015",
    a_new_label_in_the_watch: RelabelledEvent => "wake 5015",
    a_deletion_in_the_watch: DeletedEvent => "GET 1; wake 3515",
    a_step_down: StepDown => "withdrawn",
    a_stop: Stop => "withdrawn",
    its_wake_up: Wake => "GET 1; wake 5409",
}

table! {
    waiting_after_a_deletion:
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
    a_foreign_record_in_the_watch: ForeignEvent => "following other; wake in a tick",
    a_new_label_in_the_watch: RelabelledEvent => "following other; wake in a tick",
    a_deletion_in_the_watch: DeletedEvent => "GET 2; wake 6515",
    a_step_down: StepDown => "withdrawn",
    a_stop: Stop => "withdrawn",
    its_wake_up: Wake => "GET 2; wake 8430",
}
