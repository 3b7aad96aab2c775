"""The folder with the files: everything is checked before anything is written."""

import csv
import gzip
from pathlib import Path

from devtools.console import DevError

# The files that the loader reads, with the columns it needs of each.
COLUMNS = {
    "sales_order_lines.csv.gz": (
        "order_number line channel order_date due_date ship_date customer_id salesperson_id territory_id "
        "product_id product_number qty unit_price discount_pct sales_amount product_cost special_offer_id"
    ),
    "oltp/productcategory.csv": "productcategoryid name",
    "oltp/productsubcategory.csv": "productsubcategoryid productcategoryid name",
    "oltp/product.csv": (
        "productid name productnumber makeflag finishedgoodsflag color safetystocklevel reorderpoint "
        "standardcost listprice size sizeunitmeasurecode weightunitmeasurecode weight daystomanufacture "
        "productsubcategoryid productmodelid sellenddate"
    ),
    "oltp/productdescription.csv": "productdescriptionid description",
    "oltp/productmodelproductdescriptionculture.csv": "productmodelid productdescriptionid cultureid",
    "oltp/billofmaterials.csv": (
        "billofmaterialsid productassemblyid componentid startdate enddate unitmeasurecode perassemblyqty"
    ),
    "oltp/location.csv": "locationid name costrate availability",
    "oltp/vendor.csv": "businessentityid accountnumber name activeflag",
    "oltp/productvendor.csv": ("productid businessentityid averageleadtime standardprice minorderqty unitmeasurecode"),
    "oltp/productinventory.csv": "productid locationid quantity",
    "oltp/salesterritory.csv": "territoryid name countryregioncode group",
    "oltp/salesperson.csv": "businessentityid territoryid salesquota",
    "oltp/employee.csv": "businessentityid loginid jobtitle",
    "oltp/emailaddress.csv": "businessentityid emailaddress",
    "oltp/personphone.csv": "businessentityid phonenumber",
    "oltp/store.csv": "businessentityid name salespersonid",
    "oltp/customer.csv": "customerid personid storeid territoryid",
    "oltp/address.csv.gz": "addressid addressline1 addressline2 city stateprovinceid postalcode",
    "oltp/businessentityaddress.csv": "businessentityid addressid",
    "oltp/stateprovince.csv": "stateprovinceid stateprovincecode countryregioncode name",
    "oltp/specialoffer.csv": ("specialofferid description discountpct category startdate enddate minqty maxqty"),
    "oltp/specialofferproduct.csv": "specialofferid productid",
    "dw/DimCustomer.csv.gz": (
        "GeographyKey CustomerAlternateKey FirstName MiddleName LastName EmailAddress AddressLine1 AddressLine2 Phone"
    ),
    "dw/DimReseller.csv": "GeographyKey ResellerAlternateKey Phone ResellerName AddressLine1 AddressLine2",
    "dw/DimGeography.csv": ("GeographyKey City StateProvinceCode StateProvinceName CountryRegionCode PostalCode"),
}


class Folder:
    """The AdventureWorks folder: `folder.rows("oltp/product.csv")` yields dictionaries."""

    def __init__(self, directory):
        self.path = Path(directory).expanduser()
        self._check()

    def _check(self):
        """Refuse a wrong folder, a missing file and a missing column, each in one sentence."""
        if not self.path.is_dir():
            raise DevError(f"There is no folder {self.path}: name the one that holds oltp/ and dw/.")
        missing = [name for name in COLUMNS if not (self.path / name).is_file()]
        if len(missing) == len(COLUMNS):
            raise DevError(
                f"{self.path} does not hold the AdventureWorks files: name the folder with oltp/, dw/ and "
                "sales_order_lines.csv.gz."
            )
        if missing:
            raise DevError(f"{self.path} lacks {', '.join(missing)}: copy the file there and start again.")
        for name in COLUMNS:
            self._check_columns(name)

    def _check_columns(self, name):
        try:
            with self._open(name) as source:
                found = csv.DictReader(source).fieldnames or []
        except (OSError, UnicodeDecodeError, EOFError) as problem:
            raise DevError(f"{self.path / name} cannot be read ({problem}): copy it again.") from None
        lacking = [column for column in COLUMNS[name].split() if column not in found]
        if lacking:
            raise DevError(
                f"{self.path / name} has no column {', '.join(lacking)}: it is not the file SOURCE.md describes."
            )

    def _open(self, name):
        path = self.path / name
        opener = gzip.open if path.suffix == ".gz" else open
        return opener(path, "rt", encoding="utf-8-sig", newline="")

    def rows(self, name):
        """Yield the rows of a file; cells that a short row lacks are empty texts."""
        try:
            with self._open(name) as source:
                for row in csv.DictReader(source, restval=""):
                    row.pop(None, None)
                    yield row
        except (OSError, UnicodeDecodeError, EOFError, csv.Error) as problem:
            raise DevError(f"{self.path / name} cannot be read ({problem}): copy it again.") from None
