//! A leader whose Lease is gone, and one that gives it back.

table! {
    recreating:
    acquire: Acquire => "wake 5530",
    a_foreign_record: FoundForeign => "create 5 by Put; wake 5535",
    a_record_of_ours: FoundOurs => "create 5 by Put; wake 5535",
    a_404: Absent => "create 5 by Post; wake 5535",
    a_200_to_a_write: Written => "notice CreateOverwrote; wake 3517",
    a_201: Created => "leading 7 until 13030; wake in a tick",
    a_conflict: Conflict => "wake 3517",
    a_405: MethodNotAllowed => "create 5 by Post; wake 5535",
    a_403: Refused => "notice Refused { verb: Create, refusal: Forbidden }; create 5 by Put; wake 5535",
    a_429: Rejected => "notice Failing { verb: Create, setback: Rejected }; wake 5693",
    a_lost_answer: Unknown => "notice Failing { verb: Create, setback: Unknown }; create 5 by Put; wake 5535",
    a_foreign_record_in_the_watch: ForeignEvent => "ended 7: RecreationLost; drop 4",
    a_new_label_in_the_watch: RelabelledEvent => "ended 7: RecreationLost; drop 4",
    a_deletion_in_the_watch: DeletedEvent => "GET 5; wake 5535",
    a_step_down: StepDown => "ended 7: Cancelled; wake 6035",
    a_stop: Stop => "ended 7: Cancelled; drop 4",
    its_wake_up: Wake => "create 5 by Put; wake 7020",
}

table! {
    releasing:
    acquire: Acquire => "wake 4500",
    a_foreign_record: FoundForeign => "free 3 onto 7; wake 4502",
    a_record_of_ours: FoundOurs => "free 3 onto 7; wake 4502",
    a_404: Absent => "GET 3; wake 4502",
    a_200_to_a_write: Written => "release: Released",
    a_201: Created => "release: Released",
    a_conflict: Conflict => "GET 3; wake 4502",
    a_405: MethodNotAllowed => "free 3 onto 7; wake 4502",
    a_403: Refused => "notice Refused { verb: Update, refusal: Forbidden }; free 3 onto 7; wake 4502",
    a_429: Rejected => "notice Failing { verb: Update, setback: Rejected }; wake 4003",
    a_lost_answer: Unknown => "notice Failing { verb: Update, setback: Unknown }; free 3 onto 7; wake 4502",
    a_foreign_record_in_the_watch: ForeignEvent => "release: NotOurs; drop 2",
    a_new_label_in_the_watch: RelabelledEvent => "drop 2; free 3 onto 90; wake 4502",
    a_deletion_in_the_watch: DeletedEvent => "GET 3; wake 4502",
    a_step_down: StepDown => "wake 4500",
    a_stop: Stop => "still held until 16010; drop 2",
    its_wake_up: Wake => "free 3 onto 7; wake 5000",
}
