//! What of a history fits a model's context.
//!
//! The rule: whole turns are left out, oldest first, until the rest fits by estimate. A turn is what people say and all
//! that follows until they speak again, so a tool call is never parted from its result. Instructions and the newest
//! turn always stay.

use crate::{
    pb::{self, Role},
    store::sessions::MessageRecord,
};

/// Tokens that a history may take: what the context leaves once the answer and the fixed part have theirs. `None`
/// where the context is unknown.
pub(super) fn budget(context_length: u32, answer: u32, fixed: u64) -> Option<u64> {
    if context_length == 0 {
        return None;
    }
    // A model's stated limit of output may be its whole context; half of that is left to the input in any case.
    let answer = u64::from(answer.min(context_length / 2));
    Some(u64::from(context_length).saturating_sub(answer).saturating_sub(fixed))
}

/// A turn begins here: people speak, after somebody else did.
pub(super) fn begins_turn(before: Option<Role>, role: Role) -> bool {
    role == Role::User && before != Some(Role::User)
}

/// Where in a history, oldest first and without instructions, what is kept begins. `open` tells that its last turn is
/// the newest, which goes on with the request.
pub(super) fn keep_from(history: &[MessageRecord], budget: u64, open: bool) -> usize {
    let role = |at: usize| history[at].role;
    let before = |at: usize| at.checked_sub(1).map(role);
    let starts = (0..history.len()).rev().filter(|&at| begins_turn(before(at), role(at)));
    let (mut kept, mut sum, mut end) = (history.len(), 0, history.len());
    for (nth, start) in starts.enumerate() {
        sum += history[start..end].iter().map(|record| u64::from(record.tokens)).sum::<u64>();
        if sum > budget && !(nth == 0 && open) {
            return kept;
        }
        (kept, end) = (start, start);
    }
    // What comes before the first turn stays or goes with it.
    let rest: u64 = history[..end].iter().map(|record| u64::from(record.tokens)).sum();
    if sum + rest <= budget || (end == history.len() && open) { 0 } else { kept }
}

/// Tells that a history was trimmed.
pub(super) fn warning(left_out: u32, context_length: u32) -> pb::Warning {
    pb::Warning {
        code: "history_trimmed".to_owned(),
        field: "session_id".to_owned(),
        message: format!(
            "the {left_out} oldest messages were left out: the model's context holds {context_length} tokens"
        ),
    }
}

/// Takes out calls that nobody has answered, since providers refuse them: of an answer that was stopped, or one that
/// people talked past. Returns how many. `ahead` are the messages that follow the history.
pub(super) fn drop_unanswered(history: &mut [pb::Message], ahead: &[pb::Message]) -> usize {
    use pb::content_part::Part;
    let results = history.iter().chain(ahead).flat_map(|message| &message.content);
    let answered: std::collections::HashSet<String> = results
        .filter_map(|part| match &part.part {
            Some(Part::ToolResult(result)) => Some(result.tool_call_id.clone()),
            _ => None,
        })
        .collect();
    let mut dropped = 0;
    for message in history {
        message.content.retain(|part| {
            let owed = matches!(&part.part, Some(Part::ToolCall(call))
                if !call.provider_executed && !answered.contains(&call.id));
            dropped += usize::from(owed);
            !owed
        });
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns as roles, `u`ser, `a`ssistant and `t`ool, of 10 tokens each; expects how many are left out.
    fn check(roles: &str, budget: u64, open: bool, expected: usize) {
        let record = |role| MessageRecord {
            role: match role {
                'u' => Role::User,
                'a' => Role::Assistant,
                _ => Role::Tool,
            },
            tokens: 10,
            ..MessageRecord::default()
        };
        let history: Vec<_> = roles.chars().map(record).collect();
        assert_eq!(keep_from(&history, budget, open), expected, "{roles} {budget} {open}");
    }

    #[test]
    fn whole_turns_are_left_out_oldest_first() {
        check("uauaua", 60, false, 0);
        check("uauaua", 59, false, 2);
        check("uauaua", 39, false, 4);
        check("uauaua", 10, false, 6);
        // Two of people's messages are one turn.
        check("uuaua", 49, false, 3);
        check("aua", 29, false, 1);
    }

    #[test]
    fn a_call_stays_with_its_result_and_the_newest_turn_stays_at_any_price() {
        check("uatauatat", 59, true, 4);
        check("uatauatat", 5, true, 4);
        check("uatauatat", 5, false, 9);
        check("uatat", 5, true, 0);
        check("atat", 5, true, 0);
    }
}
