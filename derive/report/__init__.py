"""What a lineage looks like: JSON, DOT, SVG, a page, a graph, words on a terminal.

Each format is one function of a `Lineage` in a file of its own name and needs nothing but the lineage. All text from
articles passes `labels` first. `picture` decides what is drawn; Graphviz lays it out for `dot`, `lanes` for the page.
`files` writes everything into a folder. Heavy packages are imported when a format is asked for.
"""
