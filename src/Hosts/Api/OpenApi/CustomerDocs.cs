using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class CustomerDocs
{
    public static readonly Operation Create = new("createCustomer", "Take on a customer", "With an empty wallet. Policies that are not given take the defaults: 10 to 500 MXN in steps of 1, 200,000 MXN a day.")
    {
        Body = new(typeof(CustomerBody), Examples.NewCustomer) { Required = ["name"] },
        Answers = [new(201, "The customer.", typeof(CustomerResource), Examples.Customer)],
        Refusals = ["validation_failed", "channel_taken"],
    };

    public static readonly Operation List = new("listCustomers", "List customers", "Newest first, with their wallets.")
    {
        Query = QueryParameter.Paging,
        Answers = [new(200, "A part of the list.", typeof(PageResource<CustomerResource>), new PageResource<CustomerResource>([Examples.Customer], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Get = new("getCustomer", "Look up a customer",
        "With the ETag that a change needs. The tag covers the customer, not its balance: read that from the balance.")
    {
        Headers = [new("If-None-Match", "Answers 304 when the customer is still at this version.", "\"v1\"")],
        Answers = [new(200, "The customer.", typeof(CustomerResource), Examples.Customer), new(304, "Not changed.", null, null)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Update = new("updateCustomer", "Change a customer",
        "A merge patch (RFC 7396): what is absent stays, null takes a limit or a pin away. Suspended customers' keys open nothing.")
    {
        Headers = [new("If-Match", "The ETag that was read.", "\"v1\"", IsRequired: true)],
        Body = new(typeof(CustomerPatchBody), Examples.CustomerPatch, "application/merge-patch+json"),
        Answers = [new(200, "The customer after it.", typeof(CustomerResource), Examples.Customer)],
        Refusals = ["validation_failed", "not_found", "precondition_required", "stale_version", "channel_taken", "insufficient_credit"],
    };
}

internal static class KeyDocs
{
    private static readonly KeyResource Issued = Examples.Key with { Secret = "ra_…" };

    public static readonly Operation CreateForCustomer = new("createCustomerKey", "Issue a key to a customer", "The secret is in this answer and nowhere else.")
    {
        Body = new(typeof(KeyBody), new KeyBody("shop", null, null), IsOptional: true),
        Answers = [new(201, "The key, with its secret.", typeof(KeyResource), Issued)],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation ListOfCustomer = new("listCustomerKeys", "List a customer's keys", "Newest first, without secrets.")
    {
        Answers = [new(200, "The keys.", typeof(PageResource<KeyResource>), new PageResource<KeyResource>([Examples.Key], false, null))],
        Refusals = ["validation_failed", "not_found"],
    };

    public static readonly Operation CreateForHouse = new("createAdminKey", "Issue a key to a person of the house", "Named after the person: the name is what the audit log says. Nobody can give what they may not do themselves.")
    {
        Body = new(typeof(KeyBody), Examples.NewKey) { Required = ["name"] },
        Answers = [new(201, "The key, with its secret.", typeof(KeyResource), Issued)],
        Refusals = ["validation_failed"],
    };

    public static readonly Operation ListOfHouse = new("listAdminKeys", "List the keys of the house", "Newest first, without secrets.")
    {
        Answers = [new(200, "The keys.", typeof(PageResource<KeyResource>), new PageResource<KeyResource>([Examples.Key], false, null))],
    };

    public static readonly Operation Rotate = new("rotateKey", "Replace a key", "A new secret with the same rights. The old one ends, after graceHours (0 to 168) if asked.")
    {
        Body = new(typeof(RotationBody), new RotationBody(24), IsOptional: true),
        Answers = [new(201, "The new key, with its secret.", typeof(KeyResource), Issued)],
        Refusals = ["validation_failed", "not_found", "key_revoked"],
    };

    public static readonly Operation Revoke = new("revokeKey", "Take a key back", "At once. Doing it again changes nothing.")
    {
        Answers = [new(200, "The key.", typeof(KeyResource), Examples.Key)],
        Refusals = ["not_found"],
    };

    public static readonly Operation Delete = new("deleteKey", "Take a key back, as DELETE", "The same as revoking it; the key stays in the lists with the time it ended.")
    {
        Answers = [new(204, "It opens nothing any more.", null, null)],
        Refusals = ["not_found"],
    };
}
