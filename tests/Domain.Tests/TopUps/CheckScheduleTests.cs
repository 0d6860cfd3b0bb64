using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps;

public sealed class CheckScheduleTests
{
    private const long Second = 1, Minute = 60, Hour = 3_600;

    [TestCase(-10, 5, Description = "a clock that was set back")]
    [TestCase(0, 5)]
    [TestCase(4, 5)]
    [TestCase(5, 15)]
    [TestCase(14, 15)]
    [TestCase(15, 30)]
    [TestCase(30, Minute)]
    [TestCase(Minute - Second, Minute)]
    [TestCase(Minute, 5 * Minute)]
    [TestCase(5 * Minute, 15 * Minute)]
    [TestCase(15 * Minute, Hour)]
    [TestCase(Hour - Second, Hour)]
    [TestCase(Hour, 6 * Hour)]
    [TestCase(6 * Hour, 12 * Hour)]
    [TestCase(23 * Hour, 24 * Hour)]
    [TestCase(24 * Hour, 30 * Hour)]
    [TestCase(66 * Hour, 72 * Hour)]
    [TestCase(72 * Hour - Second, 72 * Hour)]
    public void The_next_time_to_ask_is_the_first_age_not_yet_reached(long age, long next) =>
        CheckSchedule.Next(A.Noon, A.Noon + Duration.FromSeconds(age)).Should().Be(A.Noon + Duration.FromSeconds(next));

    [TestCase(5 * Minute, 10 * Minute, 10 * Minute)]
    [TestCase(10 * Minute, 10 * Minute, 15 * Minute)]
    [TestCase(5 * Minute, 20 * Minute, 15 * Minute)]
    [TestCase(5 * Minute, 15 * Minute, 15 * Minute)]
    [TestCase(5 * Minute, 2 * Minute, 15 * Minute)]
    public void It_is_also_asked_when_not_found_begins_to_be_proof(long age, long proven, long next) =>
        CheckSchedule.Next(A.Noon, A.Noon + Duration.FromSeconds(age), A.Noon + Duration.FromSeconds(proven)).Should().Be(A.Noon + Duration.FromSeconds(next));

    [Test]
    public void What_would_be_proof_after_the_end_of_the_schedule_does_not_prolong_it() =>
        CheckSchedule.Next(A.Noon, A.Noon + Duration.FromHours(72), A.Noon + Duration.FromHours(80)).Should().BeNull();

    [TestCase(72 * Hour)]
    [TestCase(72 * Hour + Second)]
    [TestCase(7 * 24 * Hour)]
    public void After_72_hours_nobody_is_asked_any_more(long age) =>
        CheckSchedule.Next(A.Noon, A.Noon + Duration.FromSeconds(age)).Should().BeNull();

    [Test]
    public void Asking_on_time_asks_19_times_and_once_at_the_age_of_review()
    {
        var ages = new List<Duration>();
        for (var at = CheckSchedule.Next(A.Noon, A.Noon); at is { } due && ages.Count < 100; at = CheckSchedule.Next(A.Noon, due)) ages.Add(due - A.Noon);

        // 5 s, 15 s, 30 s, 1 m, 5 m, 15 m, 1 h; then 6, 12, … 72 h.
        ages.Should().HaveCount(7 + 12).And.BeInAscendingOrder();
        ages.Should().ContainSingle(age => age == CheckSchedule.ReviewAfter);
        CheckSchedule.ReviewAfter.Should().Be(Duration.FromHours(24));
    }
}
