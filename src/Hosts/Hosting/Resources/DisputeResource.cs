using Relier.Rating;

namespace Relier.Hosting.Resources;

/// <summary>Somebody says that the charge of a call is wrong.</summary>
internal sealed record DisputeResource(
    string Id, string Call, string Account, string Customer, MoneyResource Amount, string Status, string Reason, string OpenedBy, string OpenedAt, MoneyResource? Credit, string? ClosedBy, string? ClosedAt, string? Note)
{
    public static DisputeResource Of(CallDispute dispute) => new(
        dispute.Id.Value, dispute.Call.Value, dispute.Account.Value, dispute.Customer.Value, MoneyResource.Of(dispute.Amount), CallWords.Word(dispute.State), dispute.Reason, dispute.OpenedBy,
        dispute.OpenedAt.Text(), MoneyResource.Of(dispute.Credit), dispute.ClosedBy, dispute.ClosedAt.Text(), dispute.Note);
}
