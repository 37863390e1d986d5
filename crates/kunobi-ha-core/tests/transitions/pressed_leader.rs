//! A leader whose renewals do not come back well.
//!
//! rule 10: a release takes the place of the older attempt
//! rule 14: after a 409, a read that shows our term renews with its version

table! {
    hedging:
    acquire: Acquire => "wake 8010",
    a_foreign_record: FoundForeign => "update 4 onto 7; wake 8010",
    a_record_of_ours: FoundOurs => "update 4 onto 7; wake 8010",
    a_404: Absent => "GET 4; wake 8015",
    a_200_to_a_write: Written => "leading 7 until 15510; drop 2; wake in a tick",
    a_201: Created => "leading 7 until 15510; drop 2; wake in a tick",
    a_conflict: Conflict => "GET 4; wake 8015",
    a_405: MethodNotAllowed => "update 4 onto 7; wake 8010",
    a_403: Refused => "notice Refused { verb: Update, refusal: Forbidden }; update 4 onto 7; wake 8010",
    a_429: Rejected => "notice Failing { verb: Update, setback: Rejected }; wake in a tick",
    a_lost_answer: Unknown => "notice Failing { verb: Update, setback: Unknown }; update 4 onto 7; wake 8010",
    a_foreign_record_in_the_watch: ForeignEvent => "ended 7: HolderChanged; drop 2; drop 3",
    a_new_label_in_the_watch: RelabelledEvent => "drop 2; drop 3; update 4 onto 90; wake 8015",
    a_deletion_in_the_watch: DeletedEvent => "drop 2; GET 4; wake 8015",
    a_step_down: StepDown => "ended 7: Cancelled; drop 2; free 4 onto 7; wake 7015",
    a_stop: Stop => "ended 7: Cancelled; drop 2; drop 3",
    its_wake_up: Wake => "drop 2; update 4 onto 7; wake 8843",
}

table! {
    reading_after_a_conflict:
    acquire: Acquire => "wake 5520",
    a_foreign_record: FoundForeign => "ended 7: HolderChanged",
    a_record_of_ours: FoundOurs => "update 4 onto 90; wake 5525",
    a_404: Absent => "create 4 by Put; wake 5525",
    a_200_to_a_write: Written => "GET 4; wake 5525",
    a_201: Created => "GET 4; wake 5525",
    a_conflict: Conflict => "GET 4; wake 5525",
    a_405: MethodNotAllowed => "GET 4; wake 5525",
    a_403: Refused => "notice Refused { verb: Get, refusal: Forbidden }; GET 4; wake 5525",
    a_429: Rejected => "notice Failing { verb: Get, setback: Rejected }; wake 5686",
    a_lost_answer: Unknown => "notice Failing { verb: Get, setback: Unknown }; GET 4; wake 5525",
    a_foreign_record_in_the_watch: ForeignEvent => "ended 7: HolderChanged; drop 3",
    a_new_label_in_the_watch: RelabelledEvent => "wake 5520",
    a_deletion_in_the_watch: DeletedEvent => "wake 5520",
    a_step_down: StepDown => "ended 7: Cancelled; free 4 onto 7; wake 4525",
    a_stop: Stop => "ended 7: Cancelled; drop 3",
    its_wake_up: Wake => "GET 4; wake 7020",
}
