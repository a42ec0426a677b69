using MiniDns.Cluster.Objects;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MiniDns.Cluster.Manifests;

/// <summary>Reads Kubernetes objects from YAML, document by document: one that is malformed is left out and the others are not.</summary>
public static class ManifestText
{
    private static readonly Dictionary<string, ClusterResource> Kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = ClusterResource.Namespace,
        ["Service"] = ClusterResource.Service,
        ["EndpointSlice"] = ClusterResource.EndpointSlice,
        ["Pod"] = ClusterResource.Pod,
        ["ServiceImport"] = ClusterResource.ServiceImport,
        ["Ingress"] = ClusterResource.Ingress,
        ["Gateway"] = ClusterResource.Gateway,
        ["HTTPRoute"] = ClusterResource.HttpRoute,
    };

    /// <summary>Reads a file's text. Documents of other kinds (Deployment, ConfigMap …) are passed over; a <c>List</c> is read item by item.</summary>
    /// <param name="text">One or more YAML documents; JSON is YAML too.</param>
    /// <param name="builder">Makes the objects.</param>
    /// <param name="objects">Takes the objects.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static void Read(string text, ClusterObjectBuilder builder, ICollection<ManifestObject> objects, ICollection<ManifestProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(problems);
        foreach ((string document, int lines) in Split(text))
        {
            try
            {
                var stream = new YamlStream();
                stream.Load(new StringReader(document));
                foreach (YamlDocument one in stream.Documents)
                {
                    ReadDocument(one.RootNode, builder, objects, problems, lines);
                }
            }
            catch (YamlException exception)
            {
                problems.Add(new ManifestProblem(lines + (int)exception.Start.Line, (int)exception.Start.Column, "not YAML: " + exception.Message));
            }
            catch (ManifestException exception)
            {
                problems.Add(exception.Problem(lines));
            }
        }
    }

    /// <summary>Cuts a text at the lines that start documents: a parser gives up at its first error, and the documents behind it are not to blame.</summary>
    private static IEnumerable<(string Document, int LinesBefore)> Split(string text)
    {
        int start = 0;
        int startLine = 0;
        int line = 0;
        for (int at = 0; at < text.Length; line++)
        {
            bool isMarker = text.AsSpan(at).StartsWith("---", StringComparison.Ordinal) && (at + 3 == text.Length || char.IsWhiteSpace(text[at + 3]));
            if (isMarker && at > start)
            {
                if (HasContent(text.AsSpan(start, at - start)))
                {
                    yield return (text[start..at], startLine);
                }

                start = at;
                startLine = line;
            }

            int end = text.IndexOf('\n', at);
            at = end < 0 ? text.Length : end + 1;
        }

        if (HasContent(text.AsSpan(start)))
        {
            yield return (text[start..], startLine);
        }
    }

    private static bool HasContent(ReadOnlySpan<char> document)
    {
        foreach (ReadOnlySpan<char> line in document.EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.TrimStart("\uFEFF").Trim();
            if (!trimmed.IsEmpty && trimmed[0] is not '#' and not '%' && trimmed is not ("---" or "..."))
            {
                return true;
            }
        }

        return false;
    }

    private static void ReadDocument(YamlNode root, ClusterObjectBuilder builder, ICollection<ManifestObject> objects, ICollection<ManifestProblem> problems, int lines)
    {
        if (root is YamlScalarNode { Value: null or "" })
        {
            return;     // an empty document
        }

        var document = new ManifestNode(root, string.Empty);
        string kind = document.Require("kind").Text;
        if (kind.EndsWith("List", StringComparison.Ordinal) && document.Get("items") is { } items)
        {
            string itemKind = kind[..^"List".Length];
            foreach (ManifestNode item in items.Items)
            {
                try
                {
                    ReadObject(item, item.Get("kind")?.Text ?? itemKind, builder, objects);
                }
                catch (ManifestException exception)
                {
                    problems.Add(exception.Problem(lines));
                }
            }
        }
        else
        {
            ReadObject(document, kind, builder, objects);
        }
    }

    private static void ReadObject(ManifestNode node, string kind, ClusterObjectBuilder builder, ICollection<ManifestObject> objects)
    {
        if (!Kinds.TryGetValue(kind, out ClusterResource resource) || !IsOurs(kind, node.Get("apiVersion")?.Text))
        {
            return;
        }

        Dictionary<string, string> labels = ManifestFields.Read(node, resource, builder);
        switch (builder.Build(out ClusterObject? item))
        {
            case ClusterBuildOutcome.Built:
                objects.Add(new ManifestObject(item!, labels));
                break;
            case ClusterBuildOutcome.Invalid:
                throw new ManifestException(node, $"the name of this {kind} cannot be used");
            default:
                break;
        }
    }

    /// <summary>Other APIs have kinds of the same names (a Gateway of Istio, a Service of Knative).</summary>
    private static bool IsOurs(string kind, string? version) => version is null || kind switch
    {
        "Namespace" or "Service" or "Pod" => version == "v1",
        "EndpointSlice" => version.StartsWith("discovery.k8s.io/", StringComparison.Ordinal),
        "ServiceImport" => version.StartsWith("multicluster.", StringComparison.Ordinal),
        "Ingress" => version.StartsWith("networking.k8s.io/", StringComparison.Ordinal),
        _ => version.StartsWith("gateway.networking.k8s.io/", StringComparison.Ordinal),
    };
}
