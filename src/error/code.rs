use serde::{Serialize, Serializer};

/// The 24 error codes of the API document, "Other possible answers".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode(&'static Row);

#[derive(Debug, PartialEq, Eq)]
struct Row {
    number: u16,
    code: &'static str,
    message: &'static str,
    meaning: &'static str,
    advice: &'static str,
}

impl ErrorCode {
    /// All of them, in the document's order.
    pub fn all() -> impl Iterator<Item = ErrorCode> {
        ROWS.iter().map(ErrorCode)
    }

    /// Reads `ERROR_101` to `ERROR_124`.
    pub fn parse(code: &str) -> Option<ErrorCode> {
        ErrorCode::all().find(|known| known.as_str() == code)
    }

    /// As the API writes it: `ERROR_101`.
    pub const fn as_str(self) -> &'static str {
        self.0.code
    }

    /// 101 to 124.
    pub const fn number(self) -> u16 {
        self.0.number
    }

    /// The API's own word for it, with the API's own spelling: `inufficient_balance`.
    pub const fn message(self) -> &'static str {
        self.0.message
    }

    /// The API's own description.
    pub const fn meaning(self) -> &'static str {
        self.0.meaning
    }

    /// What to do about it.
    pub const fn advice(self) -> &'static str {
        self.0.advice
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

const fn row(
    number: u16,
    code: &'static str,
    message: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Row {
    Row {
        number,
        code,
        message,
        meaning,
        advice,
    }
}

#[rustfmt::skip]
static ROWS: [Row; 24] = [
    row(101, "ERROR_101", "sms_not_sent_success", "The sms is not send successfully",
        "Ask the stats which messages arrived before sending them again."),
    row(102, "ERROR_102", "inufficient_balance", "Insufficient balance",
        "Top up the SMS account; after a batch of several messages ask the stats which of them were sent."),
    row(103, "ERROR_103", "balance_not_updated", "Balance not updated",
        "Ask the stats which messages arrived before sending them again, and check the balance."),
    row(104, "ERROR_104", "invalid_content_request", "The body of this request is not valid",
        "Report it: this client and the API disagree about the form of a request."),
    row(105, "ERROR_105", "invalid_data_content_request", "The body of this request is not valid",
        "Report it: this client and the API disagree about the form of a request."),
    row(106, "ERROR_106", "invalid_type", "The type is not valid",
        "Report it: this client and the API disagree about the form of a request."),
    row(107, "ERROR_107", "invalid_key", "The key is not valid",
        "Check the option appKey against the application key of the SMS account."),
    row(108, "ERROR_108", "invalid_sender_address", "The sender address is not valid",
        "Use a sender that is configured for the SMS account, at most 11 letters and digits."),
    row(109, "ERROR_109", "empty_address", "No address found",
        "Give at least one receiver."),
    row(110, "ERROR_110", "invalid_receiver_address", "The receiver address is not valid",
        "Check the numbers of the batch; the API does not say which one it refused."),
    row(111, "ERROR_111", "number_recipients_not_authorize", "The number of receiver address is not authorize (Between 1 and 50 accepted)",
        "Send between 1 and 50 messages at once."),
    row(112, "ERROR_112", "invalid_content_message", "The content message is not valid",
        "Check the texts of the batch; the API does not say which one it refused."),
    row(113, "ERROR_113", "content_sms_too_long", "The content message is too long",
        "Shorten the longest text of the batch."),
    row(114, "ERROR_114", "invalid_start_date", "The start date is not valid",
        "Give startDate as a Date or as YYYY-MM-DD HH:MM:SS in UTC."),
    row(115, "ERROR_115", "invalid_ende_date", "The end date is not valid",
        "Give endDate as a Date or as YYYY-MM-DD HH:MM:SS in UTC."),
    row(116, "ERROR_116", "error_server", "Error process on the server",
        "Try again later; after a send, ask the stats first which messages arrived."),
    row(117, "ERROR_117", "invalid_credentials", "The credentials are invalid",
        "Check the options userKey and secretKey."),
    row(118, "ERROR_118", "credentials_not_found", "The credentials are not found",
        "Check the options userKey and secretKey."),
    row(119, "ERROR_119", "could_not_create_token", "The token is not create",
        "Try again later."),
    row(120, "ERROR_120", "user_not_found", "The user is not found",
        "Check that the keys belong to an SMS account that is active."),
    row(121, "ERROR_121", "token_expired", "The token is expired",
        "The client renewed the token and the fresh one was refused too: check that this machine's clock is right."),
    row(122, "ERROR_122", "token_invalid", "The token is invalid",
        "The client renewed the token and the fresh one was refused too: check the keys, and that no other program logs in with them."),
    row(123, "ERROR_123", "token_not_found", "The authorization token is not found",
        "Check that no proxy on the way removes the Authorization header."),
    row(124, "ERROR_124", "logout_token", "The authorization token is logout",
        "The client renewed the token and the fresh one was refused too: check that no other program logs this account out."),
];
