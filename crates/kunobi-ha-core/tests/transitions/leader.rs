//! A leader between renewals, and during one.

table! {
    leading:
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
    a_foreign_record_in_the_watch: ForeignEvent => "ended 7: HolderChanged",
    a_new_label_in_the_watch: RelabelledEvent => "wake in a tick",
    a_deletion_in_the_watch: DeletedEvent => "GET 2; wake 3525",
    a_step_down: StepDown => "ended 7: Cancelled; free 2 onto 7; wake 2525",
    a_stop: Stop => "ended 7: Cancelled",
    its_wake_up: Wake => "update 2 onto 7; wake 5510",
}

table! {
    renewing:
    acquire: Acquire => "wake 5510",
    a_foreign_record: FoundForeign => "update 3 onto 7; wake 5515",
    a_record_of_ours: FoundOurs => "update 3 onto 7; wake 5515",
    a_404: Absent => "GET 3; wake 5515",
    a_200_to_a_write: Written => "leading 7 until 13010; wake in a tick",
    a_201: Created => "leading 7 until 13010; wake in a tick",
    a_conflict: Conflict => "GET 3; wake 5515",
    a_405: MethodNotAllowed => "update 3 onto 7; wake 5515",
    a_403: Refused => "notice Refused { verb: Update, refusal: Forbidden }; update 3 onto 7; wake 5515",
    a_429: Rejected => "notice Failing { verb: Update, setback: Rejected }; wake 5680",
    a_lost_answer: Unknown => "notice Failing { verb: Update, setback: Unknown }; update 3 onto 7; wake 5515",
    a_foreign_record_in_the_watch: ForeignEvent => "ended 7: HolderChanged; drop 2",
    a_new_label_in_the_watch: RelabelledEvent => "drop 2; update 3 onto 90; wake 5515",
    a_deletion_in_the_watch: DeletedEvent => "GET 3; wake 5515",
    a_step_down: StepDown => "ended 7: Cancelled; free 3 onto 7; wake 4515",
    a_stop: Stop => "ended 7: Cancelled; drop 2",
    its_wake_up: Wake => "update 3 onto 7; wake 8010",
}
