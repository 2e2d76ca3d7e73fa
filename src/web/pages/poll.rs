//! Polls under posts: bars for those who may know, boxes for those who may choose.

use maud::{Markup, html};

use crate::domain::poll::is_over;
use crate::views::statuses::{Poll, StatusView};
use crate::web::pages::components::{csrf_input, time};
use crate::web::pages::post::{Pen, plural};

/// The poll of a post, if it has one.
pub fn draw(pen: &Pen<'_>, post: &StatusView) -> Markup {
    let Some(poll) = &post.body.poll else { return html! {} };
    let over = is_over(poll.ends_at, pen.now);
    let own = post.marks.is_some_and(|marks| marks.own);
    let may_vote = pen.viewer.account().is_some() && !own && !over && post.chosen.is_empty();
    html! {
        div.poll {
            @if may_vote { (choices(pen, post, poll)) } @else { (result(post, poll, over)) }
            p.small.faded {
                @if let Some(voters) = poll.voters_count {
                    (voters) " " (plural(voters, "person has voted", "people have voted"))
                } @else {
                    @let votes = poll.options.votes();
                    (votes) " " (plural(votes, "vote", "votes"))
                }
                @match poll.ends_at {
                    Some(end) if over => { ", ended " (time(end, pen.now)) }
                    Some(end) => { ", open until " (end.minutes()) " UTC" }
                    None => {}
                }
            }
        }
    }
}

fn choices(pen: &Pen<'_>, post: &StatusView, poll: &Poll) -> Markup {
    let id = post.row().id;
    let kind = if poll.multiple { "checkbox" } else { "radio" };
    html! {
        form method="post" action={ "/actions/posts/" (id) "/vote" } {
            (csrf_input(pen.csrf))
            input type="hidden" name="back" value={ (pen.back) "#post-" (id) };
            fieldset {
                legend { @if poll.multiple { "Choose one or more" } @else { "Choose one" } }
                @for (option, position) in poll.options.0.iter().zip(0..) {
                    @let field = format!("poll-{id}-{position}");
                    div.choice {
                        input id=(field) type=(kind) name="choice" value=(position) required[!poll.multiple];
                        label for=(field) { bdi { (option.title) } }
                    }
                }
            }
            button.button type="submit" { "Vote" }
        }
    }
}

fn result(post: &StatusView, poll: &Poll, over: bool) -> Markup {
    let shown = over || !poll.hide_totals;
    let all = poll.voters_count.filter(|_| poll.multiple).unwrap_or_else(|| poll.options.votes()).max(1);
    html! {
        ul.result {
            @for (option, position) in poll.options.0.iter().zip(0..) {
                @let share = (option.votes.saturating_mul(100) / all).clamp(0, 100);
                li {
                    span.answer {
                        bdi { (option.title) }
                        @if post.chosen.contains(&position) { span.chosen { " (your choice)" } }
                    }
                    @if shown {
                        span.share { (share) " %" }
                        meter min="0" max="100" value=(share) aria-hidden="true" {}
                    }
                }
            }
        }
        @if !shown { p.small.faded { "The result is shown when the poll has ended." } }
    }
}
