pub(crate) struct Xlsx;
impl crate::Format for Xlsx {
    fn id(&self) -> &'static str { "xlsx" }
    fn extension(&self) -> &'static str { "xlsx" }
    fn render(&self, _: &crate::document::Report, _: &baseline_model::language::Language) -> Result<Vec<crate::RenderedFile>, crate::RenderError> { Ok(Vec::new()) }
}
