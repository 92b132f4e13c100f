using VmDataset.ControlPlane.Console.Layout;

namespace VmDataset.ControlPlane.Console.Operations;

/// <summary>What became of an action, as the page after it says. Only these can be said, whatever an address holds.</summary>
internal static class OperationsMessages
{
    public static string? Of(IQueryCollection query)
    {
        var (taken, kept) = (Number(query["taken"]), Number(query["kept"]));
        var rest = (kept > 0 ? $" {Text.Plural(kept, "other remains", "others remain")}: the queue or the job's state did not allow it." : "")
            + (query["more"] == "true" ? " Time ran out before all were handled: do it again for the rest." : "");
        return query["done"].ToString() switch
        {
            "redrive" => $"{Text.Plural(taken, "dead letter is", "dead letters are")} on the queue again, with all attempts.{rest}",
            "delete" => $"{Text.Plural(taken, "dead letter is", "dead letters are")} deleted.{rest}",
            "revoke" => "The key is revoked.",
            _ => null,
        };
    }

    private static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
