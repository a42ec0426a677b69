using MiniDns.Configuration;
using MiniDns.Plugins.Template.Engine;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Template;

/// <summary><c>template CLASS TYPE [ZONE...] { … }</c>: records made from the question by templates.</summary>
public sealed class TemplatePlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "template";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<(TemplateOptions Options, TemplateMetrics Metrics)> templates = [];
        Dictionary<string, MetadataLabel> labels = new(StringComparer.Ordinal);
        foreach (Directive directive in setup.Directives)
        {
            var reader = new TemplateReader(directive, setup, labels);
            if (reader.Read() is not { } options)
            {
                continue;
            }

            // A block takes other classes when one of its directives is about them; for all other plugins they stay none of theirs.
            setup.Block.TakesOtherClasses |= options.Class is not (DnsRecordClass.IN or DnsRecordClass.ANY);
            templates.Add((options, new TemplateMetrics(setup.Services.Metrics, setup.Block, options.Zones)));
        }

        setup.WhenWired(block =>
        {
            foreach (MetadataLabel label in labels.Values.Concat(templates.SelectMany(t => t.Options.Labels)))
            {
                label.Bind(block);
            }
        });
        IQueryRunner queries = setup.Queries;
        setup.Use(next => new TemplateHandler(templates, labels, queries, next));
    }
}
