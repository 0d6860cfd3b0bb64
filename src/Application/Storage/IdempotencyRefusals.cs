namespace Relier.Storage;

/// <summary>The noes about idempotency keys.</summary>
internal static class IdempotencyRefusals
{
    public static Refusal KeyReused() =>
        new("idempotency_key_reused", "This idempotency key was used for another request.");
}
