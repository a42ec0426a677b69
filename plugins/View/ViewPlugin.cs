using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Plugins.Expressions;

namespace MiniDns.Plugins.View;

/// <summary>The directive <c>view</c>.</summary>
public sealed class ViewPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "view";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        string name = reader.Word("the view's name");
        List<Expression> expressions = [];
        reader.Properties(new(StringComparer.Ordinal) { ["expr"] = line => ReadExpression(line, expressions) }, repeatable: ["expr"]);
        var filter = new ViewFilter(name, expressions);
        setup.Provide<IViewFilter>(filter);
        setup.Provide<IMetadataSource>(new ViewMetadata(name));
        setup.WhenWired(block =>
        {
            foreach (MetadataLabel label in expressions.SelectMany(e => e.Labels))
            {
                label.Bind(block);
            }
        });
    }

    private static void ReadExpression(DirectiveReader line, List<Expression> expressions)
    {
        IReadOnlyList<CorefileToken> words = line.Rest();
        if (words.Count == 0)
        {
            line.Error("an expression is expected, such as incidr(client_ip(), '10.0.0.0/8')");
            return;
        }

        string text = string.Join(' ', words.Select(w => w.Text));
        if (!Expression.TryParse(text, out Expression? expression, out string? error, out int position))
        {
            line.Error(PlaceOf(words, position), error);
            return;
        }

        if (!expression.IsCondition)
        {
            line.Warning("is neither true nor false, so the block never takes a query");
        }

        expressions.Add(expression);
    }

    /// <summary>Where a character of the joined words stands in the file.</summary>
    private static SourceSpan PlaceOf(IReadOnlyList<CorefileToken> words, int position)
    {
        int start = 0;
        foreach (CorefileToken word in words)
        {
            if (position <= start + word.Text.Length)
            {
                int offset = position - start + (word.IsQuoted ? 1 : 0);
                return word.Span with { Column = word.Span.Column + offset, Length = Math.Max(1, word.Text.Length - (position - start)) };
            }

            start += word.Text.Length + 1;
        }

        return words[^1].Span;
    }
}
