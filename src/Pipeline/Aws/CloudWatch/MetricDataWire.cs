using System.Xml;
using System.Xml.Linq;

namespace VmDataset.Pipeline.Aws.CloudWatch;

/// <summary>
/// GetMetricData in the Query protocol (API version 2010-08-01): a form goes in, XML comes out. AWS and its emulators all
/// take it.
/// </summary>
internal static class MetricDataWire
{
    public static byte[] Form(IReadOnlyList<MetricQuery> queries, DateTimeOffset from, DateTimeOffset until, string? token)
    {
        List<(string Name, string Value)> fields =
        [
            ("Action", "GetMetricData"),
            ("Version", "2010-08-01"),
            ("StartTime", Time(from)),
            ("EndTime", Time(until)),
            ("ScanBy", "TimestampAscending"),
        ];
        if (token is not null) fields.Add(("NextToken", token));
        for (var i = 0; i < queries.Count; i++)
        {
            var (query, prefix) = (queries[i], $"MetricDataQueries.member.{i + 1}");
            fields.AddRange(
            [
                ($"{prefix}.Id", Id(i)),
                ($"{prefix}.MetricStat.Metric.Namespace", query.Namespace),
                ($"{prefix}.MetricStat.Metric.MetricName", query.Name),
                ($"{prefix}.MetricStat.Metric.Dimensions.member.1.Name", query.Dimension),
                ($"{prefix}.MetricStat.Metric.Dimensions.member.1.Value", query.DimensionValue),
                ($"{prefix}.MetricStat.Period", ((int)query.Period.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                ($"{prefix}.MetricStat.Stat", query.Statistic),
            ]);
        }

        return Encoding.ASCII.GetBytes(string.Join('&',
            fields.Select(static field => $"{field.Name}={Uri.EscapeDataString(field.Value)}")));
    }

    public static string Id(int query) => $"m{query}";

    /// <exception cref="CloudWatchException">It is no such answer, or one of the queries failed.</exception>
    public static MetricDataPage Page(string answer)
    {
        try
        {
            var root = XDocument.Parse(answer).Root!;
            XName Name(string local) => root.Name.Namespace + local;
            var results = root.Descendants(Name("MetricDataResults")).Elements(Name("member")).Select(member => new MetricDataResult(
                member.Element(Name("Id"))?.Value ?? "",
                member.Element(Name("StatusCode"))?.Value ?? "",
                [.. member.Elements(Name("Timestamps")).Elements().Zip(member.Elements(Name("Values")).Elements(), static (at, value) =>
                    new MetricPoint(XmlConvert.ToDateTimeOffset(at.Value), XmlConvert.ToDouble(value.Value)))])).ToList();
            if (results.Find(static result => result.Status is "InternalError" or "Forbidden") is { } failed)
                throw new CloudWatchException(failed.Status, $"CloudWatch could not answer the query {failed.Id}: {failed.Status}.");
            return new MetricDataPage(results, root.Descendants(Name("NextToken")).FirstOrDefault()?.Value is { Length: > 0 } token ? token
                : null);
        }
        catch (Exception exception) when (exception is XmlException or FormatException)
        {
            throw new CloudWatchException(null, "CloudWatch's answer cannot be read.", exception);
        }
    }

    /// <summary>The service's own code and message; nulls when the answer has none.</summary>
    public static (string? Code, string? Message) Error(string answer)
    {
        try
        {
            var error = XDocument.Parse(answer).Descendants().FirstOrDefault(static element => element.Name.LocalName == "Error");
            return (Value("Code"), Value("Message"));

            string? Value(string name) => error?.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim();
        }
        catch (XmlException)
        {
            return (null, null);
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <param name="Results">Of the queries, in any order; a query may be on several pages.</param>
/// <param name="NextToken">Asks for the next page; null on the last.</param>
internal sealed record MetricDataPage(IReadOnlyList<MetricDataResult> Results, string? NextToken);

/// <param name="Id">The query's.</param>
/// <param name="Status">Such as <c>Complete</c>.</param>
/// <param name="Points">Oldest first.</param>
internal sealed record MetricDataResult(string Id, string Status, IReadOnlyList<MetricPoint> Points);
